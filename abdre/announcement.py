"""The way in, for the terminal: the address that phones reach, and its code."""

import io

import qrcode

from abdre.origin import lan_address


def announcement(*, port: int, public_origin: str, drawn: bool) -> str:
    """What a starting server says; `drawn` adds the code for a phone's camera."""
    address = public_origin or f"http://{lan_address() or 'localhost'}:{port}"
    lines = [f"\nABDRE Chat is at {address}", f"on this machine also at http://localhost:{port}"]
    if not public_origin and not lan_address():
        lines.append("This machine is in no network: phones cannot reach it until it is.")
    return (drawn_code(address) if drawn else "") + "\n".join(lines)


def drawn_code(address: str) -> str:
    """By half blocks, so that a code of forty modules fits into twenty lines; read by phones from a dark screen too."""
    code = qrcode.QRCode(border=2)
    code.add_data(address)
    picture = io.StringIO()
    code.print_ascii(out=picture, invert=True)
    return picture.getvalue()
