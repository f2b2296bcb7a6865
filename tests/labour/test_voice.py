"""What people say of their work in public: signed by them, kept as it is, and by nobody else's hand."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from tests.labour.desk import WORKER
from walkout.labour.books import Books
from walkout.labour.export import own_data
from walkout.labour.ledger import LabourError
from walkout.labour.voice import LONGEST, Voice, VoiceError, message, prove, public, sign, verify, verify_key
from walkout.labour.voices import Voices

MINE, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
STORE, MONTH = "Sample store", "2026-03"
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=200)


@given(WORDS)
def test_what_is_signed_holds_and_any_change_of_it_does_not(words: str) -> None:
    voice = sign(MINE, STORE, MONTH, "", words)
    assert verify(voice) == voice
    for changed in (
        replace(voice, text=words + " "),
        replace(voice, store="Another store"),
        replace(voice, month="2026-04"),
        replace(voice, replaces="0" * 64),
        replace(voice, key=public(OTHER)),
        replace(voice, signature=voice.signature[:-2] + f"{int(voice.signature[-2:], 16) ^ 1:02x}"),
    ):
        with pytest.raises(VoiceError, match="changed, or signed elsewhere"):
            verify(changed)


@given(st.lists(st.text("ab\n", max_size=4), min_size=5, max_size=5), st.lists(st.text("ab\n", max_size=4), min_size=5))
def test_two_statements_are_never_the_same_bytes(one: list[str], other: list[str]) -> None:
    """Else a signature on one would be a signature on the other."""
    parts = [tuple(one), tuple(other[:5])]
    if not any("\n" in "".join(part[:4]) for part in parts) and parts[0] != parts[1]:
        assert message(*parts[0]) != message(*parts[1])


def test_what_is_no_text_is_refused() -> None:
    with pytest.raises(VoiceError, match="line break"):
        message("a\nb", MONTH, "", "", "")
    with pytest.raises(VoiceError, match="UTF-8"):
        message(STORE, MONTH, "", "", "\ud800")
    for words, said in (("x" * (LONGEST + 1), "at most"), ("a\x00b", "none")):
        with pytest.raises(VoiceError, match=said):
            sign(MINE, STORE, MONTH, "", words)
    voice = sign(MINE, STORE, MONTH, "", "here")
    for wrong in (replace(voice, key=voice.key.upper()), replace(voice, signature="zz"), replace(voice, key="")):
        with pytest.raises(VoiceError, match=r"right|signed elsewhere"):
            verify(wrong)
    with pytest.raises(VoiceError, match="not this key's"):
        verify_key("Another store", public(MINE), prove(MINE, STORE))


def test_a_statement_is_kept_as_it_was_signed(books: Books) -> None:
    voices = Voices(books.ledger, STORE)
    voices.register(WORKER, public(MINE), prove(MINE, STORE))
    voices.register(WORKER, public(MINE), prove(MINE, STORE))  # again: nothing
    first = sign(MINE, STORE, MONTH, "", "We skip what we cannot tell,\nand nobody minds. – «ça va»")
    assert voices.say(WORKER, first) == voices.say(WORKER, first) == first.sha256
    second = sign(MINE, STORE, MONTH, first.sha256, "")
    voices.say(WORKER, second)
    assert [one.voice for one in voices.said(WORKER)] == [first, second]
    assert [verify(one.voice) for one in voices.said(WORKER)] == [first, second]
    assert [key for key, _ in voices.keys(WORKER)] == [public(MINE)]
    told = own_data(books.ledger, WORKER)["tables"]
    assert [row["text"] for row in told["labour_voices"]] == [first.text, ""]
    assert len(told["labour_voice_keys"]) == 1
    for words in ("update labour_voices set text = 'all is well'", "delete from labour_voices"):
        with pytest.raises(DatabaseError, match="only ever added to"), books.engine.begin() as connection:
            connection.execute(text(words))


def test_nobody_speaks_for_another(books: Books) -> None:
    voices = Voices(books.ledger, STORE)
    books.ledger.register("other-otter", "exampleville", "employed", "Example Ltd")
    voices.register(WORKER, public(MINE), prove(MINE, STORE))
    said = sign(MINE, STORE, MONTH, "", "mine")
    forged = Voice(
        STORE, MONTH, "", "all is well", public(MINE), sign(OTHER, STORE, MONTH, "", "all is well").signature
    )
    unsaid = replace(said, store="Another store")
    for who, voice, words in (
        ("other-otter", said, "not in your name"),
        (WORKER, sign(OTHER, STORE, MONTH, "", "x"), "not in your name"),
        (WORKER, forged, "changed, or signed elsewhere"),
        (WORKER, unsaid, "changed, or signed elsewhere"),
        (WORKER, sign(MINE, "Another store", MONTH, "", "x"), "right: 'Sample store'"),
        (WORKER, sign(MINE, STORE, MONTH, "0" * 64, "x"), "right: none"),
    ):
        with pytest.raises(LabourError, match=words):
            voices.say(who, voice)
    with pytest.raises(LabourError, match="somebody else"):
        voices.register("other-otter", public(MINE), prove(MINE, STORE))
    with pytest.raises(LabourError, match="not this key's"):
        voices.register(WORKER, public(OTHER), prove(MINE, STORE))
    assert voices.said(WORKER) == voices.said("other-otter") == ()
