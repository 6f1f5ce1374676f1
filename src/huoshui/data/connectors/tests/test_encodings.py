"""Encodings: the right text, or a question that shows the readings; never the wrong text."""

from __future__ import annotations

import codecs
import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.data.connectors.errors import FileRefused
from huoshui.data.connectors.files import encodings, recognise
from huoshui.data.connectors.tests.texts import SIMPLIFIED, TRADITIONAL, WESTERN

MARKS = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE, "utf-8": codecs.BOM_UTF8}


def look(tmp_path, content, **told):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    return recognise(path, workspace=tmp_path / "workspace", **told)


def text_of(file):
    with file.path.open(encoding="utf-8", newline="") as text:
        return text.read()


def refused(tmp_path, content, **told):
    with pytest.raises(FileRefused) as caught:
        look(tmp_path, content, **told)
    return str(caught.value)


# -- what is told apart ------------------------------------------------------------------------------------------

READ = [
    *(("gb18030", codec, text) for codec in ("gbk", "gb18030") for text in SIMPLIFIED),
    *(("big5", "cp950", text) for text in TRADITIONAL),
    *(("gb18030", "gb18030", text) for text in TRADITIONAL),
    *(("windows-1252", "cp1252", text) for text in WESTERN),
    *(
        (codec, codec, text)
        for codec in ("utf-8", "utf-16-le", "utf-16-be")
        for text in (SIMPLIFIED[0], WESTERN[0])
    ),
]


@pytest.mark.parametrize(("name", "codec", "text"), READ, ids=lambda value: value[:14])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
def test_a_file_of_three_rows_is_read_in_its_encoding(tmp_path, name, codec, text, end):
    text = text.replace("\n", end)
    file = look(tmp_path, text.encode(codec))
    assert file.encoding == name
    assert text_of(file) == text
    assert list(file.columns) == next(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_says_the_encoding_and_is_no_part_of_the_text(tmp_path, name):
    file = look(tmp_path, MARKS[name] + SIMPLIFIED[0].encode(name))
    assert (file.encoding, text_of(file)) == (name, SIMPLIFIED[0])
    assert file.columns[0] == "客户编号"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf_16_of_plain_letters_shows_itself_by_its_zeros(tmp_path, codec):
    text = "name,amount\nAnn,1\nBob,2\n"
    assert text_of(look(tmp_path, text.encode(codec))) == text
    assert text_of(look(tmp_path, text.encode(codec), encoding="utf-16")) == text


def test_characters_of_four_bytes_survive(tmp_path):
    text = SIMPLIFIED[0] + "4,㐀𠀀,北京,灯\n"
    assert text_of(look(tmp_path, text.encode("gb18030"))) == text


def test_hanzi_that_could_be_utf_8_by_chance_are_not_taken_for_it(tmp_path):
    text = "a,b\n谭卓,谭卓\n"
    assert text.encode("gb18030").decode("utf-8"), "it decodes"
    assert text_of(look(tmp_path, text.encode("gb18030"))) == text
    for western in ("a,b\ncafé,Ψυχή\n", "a,b\nПривет,мир\n", "a,b\n£5,3°\n", "a,b\nשלום,e\u0301t\u00e9\n"):
        assert text_of(look(tmp_path, western.encode())) == western


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_is_guessed_is_never_wrong_for_words_people_write(tmp_path, data):
    texts, codec = data.draw(
        st.sampled_from(
            [(SIMPLIFIED, "gb18030"), (TRADITIONAL, "cp950"), (TRADITIONAL, "gb18030"), (WESTERN, "cp1252")]
        )
    )
    words = sorted(
        {word for text in texts for word in text.replace("\n", ",").split(",") if not word.isascii()}
    )
    rows = data.draw(
        st.lists(st.lists(st.sampled_from(words), min_size=2, max_size=2), min_size=1, max_size=3)
    )
    text = "a,b\n" + "".join(",".join(row) + "\n" for row in rows)
    try:
        file = look(tmp_path, text.encode(codec))
    except FileRefused as question:
        assert "cannot be told" in str(question)  # noqa: PT017 - asking is as right as knowing
    else:
        assert text_of(file) == text


CELLS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff\u2028\u2029\x85"
    ),
    max_size=8,
)
BEYOND = {
    "utf-8": CELLS,
    "utf-8-sig": CELLS,
    "utf-16-le": CELLS,
    "utf-16": CELLS,
    "gb18030": CELLS,
    "big5": st.text("燈龍王甲乙丙丁客戶編號 abc,;|\"'0123", max_size=8),
    "latin-1": st.text("aäöüéèñçßÅ€ xyz,;|\"'0123", max_size=8),
}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data(), delimiter=st.sampled_from(",;\t|"), encoding=st.sampled_from(sorted(BEYOND)))
def test_any_table_comes_back_from_each_encoding_and_delimiter(tmp_path, data, delimiter, encoding):
    cell = BEYOND[encoding]
    rows = data.draw(st.lists(st.tuples(cell, cell, cell), min_size=1, max_size=4))
    buffer = io.StringIO()
    ends = data.draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator=ends)
    writer.writerows([("one", "two", "three"), *rows])
    codec = {"big5": "cp950", "latin-1": "cp1252"}.get(encoding, encoding)
    told = None if encoding.startswith("utf-8") else encoding
    try:
        file = look(tmp_path, buffer.getvalue().encode(codec), encoding=told)
    except FileRefused as refusal:
        assert "and in nothing else" in str(refusal)  # noqa: PT017 - plain letters with a stray sign may be UTF-8
        return
    assert file.columns == ("one", "two", "three")
    with file.path.open(encoding="utf-8", newline="") as text:
        assert [tuple(row) for row in csv.reader(text, delimiter=file.delimiter)][1:] == rows


# -- what is asked -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "id,name\n1,Иванов Пётр\n2,Смирнова\n".encode("cp1251"),
        "id,name\n1,山田太郎\n2,すずき\n".encode("cp932"),
        "id,name\n1,김철수\n2,이영희\n".encode("cp949"),
        "id,name\n1,Łukasz Żółć\n2,Gęś\n".encode("cp1250"),
        b"id,name\n1,\xc2\xb1\xb0\n",
    ],
    ids=["russian", "japanese", "korean", "polish", "three bytes"],
)
def test_what_cannot_be_told_is_asked_with_a_preview_of_each_reading(tmp_path, content):
    told = refused(tmp_path, content)
    assert "cannot be told" in told
    for name in encodings.SENSE:
        assert f"{name}:" in told
    assert "--encoding" in told


def test_the_answer_to_the_question_is_followed(tmp_path):
    text = "id,name\n1,Иванов Пётр\n2,Смирнова\n"
    assert text_of(look(tmp_path, text.encode("cp1251"), encoding="windows-1251")) == text
    assert text_of(look(tmp_path, "id,name\n1,灯\n".encode("gbk"), encoding="GBK")) == "id,name\n1,灯\n"


def test_an_encoding_that_does_not_fit_is_refused_with_line_and_byte(tmp_path):
    content = "id,name\n1,灯\n".encode("gbk") + b"2,\xff\xff\n3,x\n"
    told = refused(tmp_path, content, encoding="gb18030")
    assert f"byte 0xFF in line 3 (byte {content.index(0xFF)} of the file)" in told
    wide = "id,name\n1,灯\n".encode("utf-16-le") + b"\x00\xd8,\x00"
    assert "line 3" in refused(tmp_path, wide, encoding="utf-16-le")


def test_a_name_that_is_no_encoding_is_refused_with_those_that_are(tmp_path):
    assert "gb18030" in refused(tmp_path, b"a,b\n1,2\n", encoding="klingon")


@pytest.mark.parametrize("told", ["gb18030", "big5", "latin-1", "utf-16-le"])
def test_a_file_that_shows_its_encoding_is_not_read_in_another(tmp_path, told):
    assert "in nothing else" in refused(tmp_path, SIMPLIFIED[0].encode(), encoding=told)
    assert "in nothing else" in refused(tmp_path, codecs.BOM_UTF8 + b"a,b\n1,2\n", encoding=told)


@pytest.mark.parametrize(
    ("lines", "odd"),
    [
        (["姓名,城市", "张伟,北京", "王芳,上海", "李娜,深圳"], 3),
        (["姓名,城市", "张伟,北京", "王芳,上海", "李娜,深圳"], 4),
    ],
)
@pytest.mark.parametrize(("most", "other"), [("utf-8", "gbk"), ("gbk", "utf-8"), ("utf-8", "cp950")])
def test_lines_in_different_encodings_are_refused_with_the_line(tmp_path, lines, odd, most, other):
    content = b"".join(
        line.encode(other if number == odd else most, "replace") + b"\n"
        for number, line in enumerate(lines, start=1)
    )
    told = refused(tmp_path, content)
    assert "more than one encoding" in told
    assert f"line {odd} " in told


def test_a_latin_line_in_a_chinese_file_is_not_read_as_chinese(tmp_path):
    content = SIMPLIFIED[0].encode("gbk") + "4,Café,Málaga,x\n".encode("cp1252")
    assert "gb18030: does not fit" in refused(tmp_path, content)


@pytest.mark.parametrize("text", [*SIMPLIFIED, *TRADITIONAL, *WESTERN])
def test_one_reading_makes_more_sense_than_the_others(text):
    own = max(encodings.SENSE, key=lambda name: encodings.sense(text, name))
    assert encodings.sense(text, own) >= encodings.SENSE[own]
