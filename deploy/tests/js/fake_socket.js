/** Stands in for the browser's WebSocket: tests say what the server does. */
export class FakeSocket {
  static opened = [];
  readyState = 0;
  sent = [];
  closedWith = undefined;

  constructor(url) {
    this.url = url;
    FakeSocket.opened.push(this);
  }

  static get last() {
    return FakeSocket.opened.at(-1);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(code) {
    this.closedWith = code;
    this.readyState = 3;
  }

  says(...items) {
    this.onmessage({ data: JSON.stringify(items) });
  }

  welcomes(chats = {}, user = "ada") {
    this.readyState = 1;
    this.says({ type: "hello", user: { id: user }, chats, heartbeat_s: 25, session: "s" });
  }

  ends(code) {
    this.readyState = 3;
    this.onclose({ code });
  }
}
