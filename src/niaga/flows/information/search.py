"""Search: what of a product is found, and how the found are ranked.

Words are kept folded (lower case, no accents), stemmed twice: by Sastrawi for Indonesian (the
database's own `indonesian` stemmer turns `kemeja`, a shirt, into `meja`, a table) and by the
database's `english` dictionary. A query asks for any of its words. What holds all of them counts
double, what is called exactly so five times, and what sells well more; measured in
tests/flows/test_search_quality.py.
"""

import difflib
import functools
import re
from typing import Any

from django.db import connection, transaction
from Sastrawi.Stemmer.StemmerFactory import StemmerFactory

from niaga.flows.information.lists import Base
from niaga.flows.information.text import fold

MOST_TERMS = 12
LONGEST_QUERY = 200
_WORD = re.compile(r"[^\W_]+")
_NEIGHBOURS = """
    SELECT word, name FROM unnest(%s::text[]) word CROSS JOIN LATERAL (
        (SELECT name_id AS name FROM information_listingcard
         WHERE listed AND word <%% name_id ORDER BY word_similarity(word, name_id) DESC LIMIT 3)
        UNION ALL
        (SELECT name_en FROM information_listingcard
         WHERE listed AND word <%% name_en ORDER BY word_similarity(word, name_en) DESC LIMIT 3)
    ) near
"""


@functools.cache
def _stemmer() -> Any:
    # The plain stemmer: `create_stemmer` wraps a cache of its own that never forgets.
    return StemmerFactory().create_stemmer(isDev=False)


@functools.lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """Return the Indonesian stem of a folded word; words Sastrawi does not know stay."""
    if not word.isalpha() or not word.isascii() or not 4 <= len(word) <= 30:
        return word
    return str(_stemmer().stem(word)) or word


def words(text: str) -> list[str]:
    """Return the folded words of `text`, in order."""
    return [w[:60] for w in _WORD.findall(fold(text))]


def terms(query: str) -> tuple[str, ...]:
    """Return the words a query asks for: folded, each once, a dozen at most."""
    return tuple(dict.fromkeys(words(query[:LONGEST_QUERY])))[:MOST_TERMS]


def indexed(text: str) -> str:
    """Return the text whose words the `simple` dictionary keeps: each folded word's stem."""
    return " ".join(stem(w) for w in words(text))


def search_base(query: str) -> Base | None:
    """Return the list of what `query` finds, best first; None when it asks for nothing."""
    asked = terms(query)
    if not asked:
        return None
    one = "(plainto_tsquery('simple', %s) || plainto_tsquery('english', %s))"
    either, every = (join.join(one for _ in asked) for join in (" || ", " && "))
    params = tuple(p for word in asked for p in (stem(word), word))
    whole = " ".join(query.split()).lower()
    return Base(
        where="c.words @@ asked.either",
        tables=f"CROSS JOIN (SELECT {either} AS either, {every} AS every) asked",
        tables_params=params * 2,
        score=(
            "ts_rank(c.words, asked.either, 1)"
            " * CASE WHEN c.words @@ asked.every THEN 2 ELSE 1 END"
            " * CASE WHEN lower(c.name_id) = %s OR lower(c.name_en) = %s THEN 5 ELSE 1 END"
            # What sells goes first among the like: 10 sold count 1.4 times, 1,000 sold 2.2 times.
            " * (1 + ln(1 + c.sold_count) / 6)"
        ),
        score_params=(whole, whole),
    )


def spelled(query: str) -> str | None:
    """Return `query` with words nobody sells replaced by their nearest neighbours, or None.

    Neighbours are looked for by trigrams among the listed names (two statements).
    """
    asked = terms(query)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = 0.4")
        cursor.execute(_NEIGHBOURS, [list(asked)])
        names = cursor.fetchall()
    better = dict.fromkeys(asked, "")
    for word, name in names:
        near = difflib.get_close_matches(word, words(name), n=1, cutoff=0.6)
        if near and not better[word]:
            better[word] = near[0]
    result = " ".join(better[w] or w for w in asked)
    return result if any(better.values()) and result != " ".join(asked) else None
