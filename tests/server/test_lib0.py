"""The byte codec, against the bytes that lib0 itself writes and against bytes that nobody should."""

import time

import pytest
from caretroom.lib0 import MAX_UINT, MalformedError, Reader, var_bytes, var_string, write_var_uint
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("number", "written"),
    [
        (0, "00"),
        (127, "7f"),
        (128, "8001"),
        (16383, "ff7f"),
        (16384, "808001"),
        (2**32 - 1, "ffffffff0f"),
        (2**53 - 1, "ffffffffffffff0f"),
    ],
)
def test_unsigned_numbers_are_written_as_lib0_writes_them(number: int, written: str) -> None:
    assert write_var_uint(number).hex() == written
    reader = Reader(bytes.fromhex(written))
    assert reader.var_uint() == number
    assert reader.done


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("00", 0),
        ("40", 0),
        ("01", 1),
        ("41", -1),
        ("3f", 63),
        ("8001", 64),
        ("c001", -64),
        ("bfffffff0f", 2**31 - 1),
        ("bfffffffffffff1f", 2**53 - 1),
        ("ffffffffffffff1f", 1 - 2**53),
    ],
)
def test_signed_numbers_are_read_as_lib0_writes_them(written: str, number: int) -> None:
    reader = Reader(bytes.fromhex(written))
    assert reader.var_int() == number
    assert reader.done


@given(st.integers(0, MAX_UINT), st.binary(), st.text(st.characters(codec="utf-8")))
def test_what_is_written_reads_back(number: int, data: bytes, text: str) -> None:
    reader = Reader(write_var_uint(number) + var_bytes(data) + var_string(text) + b"tail")
    assert (reader.var_uint(), reader.var_bytes(), reader.var_string()) == (number, data, text)
    assert not reader.done
    assert reader.rest() == b"tail"
    assert reader.done


def test_text_is_measured_in_bytes() -> None:
    assert var_string("é").hex() == "02c3a9"


def test_numbers_outside_the_range_are_not_written() -> None:
    for number in (-1, MAX_UINT + 1):
        with pytest.raises(ValueError, match="from 0 to 2"):
            write_var_uint(number)


@pytest.mark.parametrize(
    ("written", "complaint"),
    [
        ("", "the data ended"),
        ("80", "the data ended"),
        ("ffffffff", "the data ended"),
        ("8080808080808080808000", "it goes on"),
        ("ffffffffffffff1f", "up to 2"),
        ("ffffffffffffffffff01", "up to 2"),
    ],
)
def test_a_number_that_is_none_is_refused(written: str, complaint: str) -> None:
    with pytest.raises(MalformedError, match=complaint):
        Reader(bytes.fromhex(written)).var_uint()


@pytest.mark.parametrize("written", ["", "80", "bfffffffffffff3f", "ff" * 12])
def test_a_signed_number_that_is_none_is_refused(written: str) -> None:
    with pytest.raises(MalformedError):
        Reader(bytes.fromhex(written)).var_int()


def test_bytes_that_are_not_there_are_refused() -> None:
    with pytest.raises(MalformedError, match="expected 5 bytes at 1, 2 are left"):
        Reader(b"\x05ab").var_bytes()
    with pytest.raises(MalformedError, match="the data ended"):
        Reader(b"").u8()


@pytest.mark.parametrize("raw", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf0\x9f\x98"])
def test_text_that_is_not_utf8_is_refused(raw: bytes) -> None:
    with pytest.raises(MalformedError, match="expected UTF-8"):
        Reader(var_bytes(raw)).var_string()


def test_two_hundred_kilobytes_of_ff_are_refused_at_once() -> None:
    started = time.perf_counter()
    with pytest.raises(MalformedError, match="it goes on"):
        Reader(b"\xff" * 200_000).var_uint()
    assert time.perf_counter() - started < 0.1


@given(st.binary(max_size=40), st.sampled_from(["u8", "var_uint", "var_int", "var_bytes", "var_string"]))
def test_any_bytes_are_read_or_refused(data: bytes, kind: str) -> None:
    reader = Reader(data)
    try:
        getattr(reader, kind)()
    except MalformedError:
        return
    assert 0 < reader.position <= len(data)
