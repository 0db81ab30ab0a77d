"""Which provinces of Indonesia share an island: what is near when a parcel must travel."""

ISLANDS: dict[str, tuple[str, ...]] = {
    "Sumatera": (
        "Aceh", "Sumatera Utara", "Sumatera Barat", "Riau", "Kepulauan Riau", "Jambi",
        "Sumatera Selatan", "Kepulauan Bangka Belitung", "Bengkulu", "Lampung",
    ),
    "Jawa": (
        "Banten", "DKI Jakarta", "Jawa Barat", "Jawa Tengah", "DI Yogyakarta",
        "Daerah Istimewa Yogyakarta", "Jawa Timur",
    ),
    "Bali dan Nusa Tenggara": ("Bali", "Nusa Tenggara Barat", "Nusa Tenggara Timur"),
    "Kalimantan": (
        "Kalimantan Barat", "Kalimantan Tengah", "Kalimantan Selatan", "Kalimantan Timur",
        "Kalimantan Utara",
    ),
    "Sulawesi": (
        "Sulawesi Utara", "Gorontalo", "Sulawesi Tengah", "Sulawesi Barat", "Sulawesi Selatan",
        "Sulawesi Tenggara",
    ),
    "Maluku": ("Maluku", "Maluku Utara"),
    "Papua": (
        "Papua", "Papua Barat", "Papua Barat Daya", "Papua Selatan", "Papua Tengah",
        "Papua Pegunungan",
    ),
}  # fmt: skip


def same_island(province: str) -> tuple[str, ...]:
    """Return the provinces on the island of `province`, or it alone where we don't know it."""
    word = province.casefold()
    for provinces in ISLANDS.values():
        if word in (name.casefold() for name in provinces):
            return tuple(name.casefold() for name in provinces)
    return (word,)
