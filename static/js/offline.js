/** On the page that stands in for one that could not be had: it gives way as soon as the network is back. */

addEventListener("online", () => location.reload());
