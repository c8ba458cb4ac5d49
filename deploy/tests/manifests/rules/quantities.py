"""Amounts as Kubernetes writes them: 100m, 2Gi, 5k."""

UNITS = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40}


def quantity(text: str | int) -> float:
    """Raises ValueError for what is none."""
    text = str(text)
    number = text.rstrip("mkMGTiK")
    unit = text[len(number) :]
    return float(number) * (UNITS[unit] if unit else 1)
