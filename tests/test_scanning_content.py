"""What is found in files whatever they are called, and what is not: samples made of a few bytes each."""

from __future__ import annotations

import base64
import struct
import tracemalloc
import zlib

import pytest

from bot.scanning import can_run
from bot.scanning.packages import DEEPEST, LARGEST_WITHIN, LONGEST_LIST, MOST_PARTS, MOST_UNPACKED
from tests.support.samples import OLE, PICTURE, PROGRAM, flat, office, opened, pdf, relation, zipped

SCRIPT = "<</S/JavaScript/JS(app.alert\\(1\\))>>"


def found(**samples: bytes) -> list[object]:
    return [pytest.param(content, id=name) for name, content in samples.items()]


@pytest.mark.parametrize(
    "content",
    found(
        windows=PROGRAM,
        linux=b"\x7fELF\2\1",
        apple=b"\xcf\xfa\xed\xfe",
        java=b"\xca\xfe\xba\xbe\0\0",
        android=b"dex\n035\0",
        script=b"#!/bin/sh\n",
        script_with_space=b"#! /bin/sh",
        script_with_mark=b"\xef\xbb\xbf#!/bin/sh",
        shortcut=b"L\0\0\0\x01\x14\x02\0" + bytes(16) + b"F",
        link_of_a_desktop=b"\xef\xbb\xbf[InternetShortcut]\r\nURL=file://host/a.exe",
        starter=b"[Desktop Entry]\nExec=sh",
        registry=b"Windows Registry Editor Version 5.00\r\n",
        help=b"ITSF\3\0\0\0",
        flash=b"CWS\x0f\x10\x20\x03\0x",
        postscript=b"%!PS-Adobe-3.0 EPSF-3.0\n",
        old_office=OLE,
        notes=b"\xe4\x52\x5c\x7b\x8c\xd8\xa7\x4d\xae\xb1",
        database=b"\0\x01\0\0Standard ACE DB\0",
        mail=b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
        workbook_as_text=b"ID;PWXL;N;E\r\nP;PGeneral\r\nC;X1;Y1;ECALL()\r\n",
    ),
)
def test_programs_are_known_by_how_they_begin(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        zip=zipped({"letter.txt": "x"}),
        zip_in_zip=zipped({"more.zip": zipped({"letter.txt": "x"})}),
        zip_cut_short=b"PK\3\4 and no archive",
        java_archive=zipped({"META-INF/MANIFEST.MF": "Main-Class: A", "A.class": b"\xca\xfe\xba\xbe"}),
        behind_a_picture=PICTURE + zipped({"letter.txt": "x"}),
        rar=b"Rar!\x1a\x07\1\0",
        seven_zip=b"7z\xbc\xaf\x27\x1c\0\4",
        gzip=b"\x1f\x8b\x08\0",
        bzip2=b"BZh91AY&SY",
        xz=b"\xfd7zXZ\0",
        zstandard=b"\x28\xb5\x2f\xfd",
        cabinet=b"MSCF\0\0\0\0",
        tar=b"a.txt".ljust(257, b"\0") + b"ustar\x0000",
        lha=b"\x20\x20-lh5-",
        debian=b"!<arch>\ndebian-binary",
        image_of_a_disc=bytes(0x8001) + b"CD001",
        image_of_a_dvd=bytes(0x8001) + b"BEA01",
        image_of_a_mac=bytes(1000) + b"koly" + bytes(508),
        virtual_disk=bytes(1000) + b"conectix" + bytes(504),
    ),
)
def test_archives_and_images_of_disks_are_not_kept(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        macros=office({"word/vbaProject.bin": OLE}),
        macros_behind_a_picture=PICTURE + office({"word/VBAPROJECT.bin": b"x"}),
        macros_under_another_name=office({"word/notes.bin": OLE}),
        a_type_for_macros=office(content_type="application/vnd.ms-word.document.macroEnabled.main+xml"),
        a_type_in_numbers=office(content_type="application/vnd.ms-word.document.macro&#69;nabled.main+xml"),
        old_macros_of_excel=office({"xl/macrosheets/sheet1.xml": "<x/>"}),
        control=office({"word/activeX/activeX1.xml": "<ax:ocx/>"}),
        object=office({"word/embeddings/oleObject1.bin": OLE}),
        program=office({"word/media/image3.png": PROGRAM}),
        archive=office({"word/media/image3.png": b"7z\xbc\xaf\x27\x1c\0\4"}),
        archive_in_it=office({"word/embeddings/a.docx": zipped({"letter.txt": "x"})}),
        macros_in_a_table=office({"word/embeddings/a.xlsx": office({"xl/vbaProject.bin": OLE})}),
        far_template=office(relation("attachedTemplate", "https://host.example/a.dotm")),
        far_template_on_a_share=office(relation("attachedTemplate", "file:///\\\\host\\a.dotm")),
        far_template_in_numbers=office(relation("attached&#x54;emplate", "&#104;ttp://host.example/a.dotm")),
        far_object=office(relation("oleObject", "mhtml:http://host.example/a!x-usc:http://host.example/a")),
        far_frame=office(relation("frame", "//host.example/a")),
        link_that_fetches=office({"xl/externalLinks/externalLink1.xml": '<ddeLink ddeService="cmd"/>'}),
        twice_the_same_name=office({"word/DOCUMENT.xml": "<a/>"}),
        another_alphabet=office({"word/comments.xml": "<?xml encoding='UTF-16'?><a/>".encode("utf-16")}),
        entities=office({"word/comments.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}),
        cut_short=office()[:-30],
        basic=opened({"Basic/Standard/Module1.xml": "<a/>"}),
        basic_in_an_object=opened({"Object 1/Basic/script-lc.xml": "<a/>"}),
        python=opened({"Scripts/python/a.py": "x"}),
        event=opened({"content.xml": '<office:x><script:event-listener xlink:href="a"/></office:x>'}),
        event_by_another_prefix=opened({"content.xml": f'<{"p" * 999}:event-listener />'}),
        event_across_pieces=opened({"content.xml": "<a>" + " " * (256 * 1024 - 9) + "<s:event-listener />"}),
        script_address=opened({"styles.xml": '<a xlink:href="vnd.sun.star.script:a.py$b?language=Python"/>'}),
        script_under_another_name=opened({"x.data": " \n<script:event-listener />"}),
        object_of_another_program=opened({"Object 2": OLE}),
        locked=opened({"META-INF/manifest.xml": "<m:m><manifest:encryption-data/></m:m>"}),
        locked_as_a_whole=opened({"encrypted-package": b"\1\2"}),
    ),
)  # fmt: skip
def test_documents_that_bring_something_along_are_not_kept(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        module=flat('<ooo:module ooo:name="Module1"><ooo:source-code>Sub a</ooo:source-code></ooo:module>'),
        module_by_another_prefix=flat('<x.y-z:module x:name="Module1"/>'),
        module_without_prefix=flat("<module\n/>"),
        in_utf_16=flat("<ooo:module />", "UTF-16"),
        event=flat('<script:event-listener xlink:href="a"/>'),
        script_address=flat('<a xlink:href="VND.sun.star.script:a"/>'),
        object=flat("<office:binary-data>0M8R4KGx\nGuE</office:binary-data>"),
        object_of_another_program=flat("<draw:object-ole />"),
        entities=flat("&a;", prolog='<!DOCTYPE office:document [<!ENTITY a "b">]>\n'),
        another_alphabet=flat(encoding="UTF-7"),
        flat_office=b'<?xml version="1.0"?>\n<?mso-application progid="Word.Document"?>\n'
        b'<pkg:package xmlns:pkg="http://schemas.microsoft.com/office/2006/xmlPackage"/>',
        flat_office_without_declaration=b"<pkg:package xmlns:pkg='a'/>",
        words_of_2003=b'<?xml version="1.0"?><w:wordDocument w:macrosPresent="yes"/>',
        drawing=b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
        drawing_with_declaration=b'\xef\xbb\xbf<?xml version="1.0"?><!-- a --><svg:svg/>',
        page=b"\n<!DOCTYPE html><p>a",
        page_without_type=b"<HTML><body onload=a()>",
        page_in_a_picture=b"GIF89a/*\x01*/=1;<SCRIPT>alert(1)</script>",
        script=b"<?xml version='1.0'?><scriptlet/>",
        console=b'<?xml version="1.0"?><MMC_ConsoleFile/>',
    ),
)
def test_markup_that_is_more_than_text_is_not_kept(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        script=pdf(SCRIPT),
        script_in_numbers=pdf(SCRIPT.replace("JavaScript", "J#61vaScr#69pt")),
        program=pdf("<</S/Launch/F(cmd.exe)>>"),
        program_behind_a_remark=pdf("<</S % a remark\n /Launch/F(cmd.exe)>>"),
        program_elsewhere=pdf("<</S 12 0 R/F(cmd.exe)>>", "/Launch"),
        film=pdf("<</Subtype/RichMedia>>"),
        sound=pdf("<</S/Rendition/JS(a)>>"),
        form=pdf("<</AcroForm<</XFA 5 0 R>>>>"),
        file_in_it=pdf("<</Names<</EmbeddedFiles 4 0 R>>>>"),
        locked=pdf("<</Encrypt 5 0 R>>"),
        packed=pdf(packed=zlib.compress(b"3 0 " + SCRIPT.encode())),
        packed_unnamed=pdf(packed=zlib.compress(b"3 0 " + SCRIPT.encode()), said="/N 1/First 4/Filter/FlateDecode"),
        packed_by_number=pdf(
            packed=zlib.compress(b"3 0 " + SCRIPT.encode()), said="/Type/Obj#53tm/N 1/First 8 0 R/Filter/FlateDecode"
        ),
        packed_behind_a_word=pdf(
            packed=zlib.compress(b"3 0 " + SCRIPT.encode()),
            said="/Type/ObjStm/First 8 0 R/stream 1/Filter/FlateDecode",
        ),
        packed_twice=pdf(packed=zlib.compress(zlib.compress(b"3 0 " + SCRIPT.encode()))),
        packed_otherwise=pdf(packed=base64.a85encode(b"3 0 <<>>"), said="/Type/ObjStm/First 4/Filter/ASCII85Decode"),
        packed_and_cut_short=pdf(packed=zlib.compress(b"3 0 <<>>" * 99)[:-9]),
        packed_with_more_behind=pdf(packed=zlib.compress(b"3 0 <<>>") + b" " * 5000),
        behind_something=b"GIF89a" + bytes(900) + pdf(SCRIPT),
    ),
)  # fmt: skip
def test_pdf_documents_with_scripts_or_files_are_not_kept(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        object=rb"{\rtf1{\object\objemb{\*\objdata 0105}}}",
        object_in_capitals=b" {\\RT{\\*\\OBJDATA 01}}",
        object_cut_short=rb"{\rt\objocx1}",
        far_template=rb"{\rtf1{\*\template http://host.example/a.dotm}}",
        far_template_on_a_share=rb"{\rtf1{\*\template \\\\host\\a.dotm}}",
        far_template_in_numbers=rb"{\rtf1{\*\template \'68ttp://host.example/a}}",
        link_that_starts=rb"{\rtf1{\field{\*\fldinst DDEAUTO c:\\a.exe}}}",
    ),
)
def test_rich_text_with_objects_is_not_kept(content: bytes) -> None:
    assert can_run(content)


@pytest.mark.parametrize(
    "content",
    found(
        nothing=b"",
        picture=PICTURE,
        picture_with_the_end_of_an_archive=PICTURE + b"PK\5\6" + bytes(range(40)),
        text=b"PK is where I live",
        table=b"MZ,12\nMZ,13\n",
        table_by_number=b"ID;Period;Name\r\n1;May;Ann\r\n",
        heading=b"#! a heading",
        water_supply=b"CWS,FWS,ZWS\n1,2,3\n",
        hyphens=b"no-lhasa-today\n",
        less_than=b"<3 this place, and <b>that</b> one",
        less_than_in_utf_16="<3".encode("utf-16"),
        zeros=bytes(100_000),
        map=b'<?xml version="1.0" encoding="UTF-8"?>\n<!-- a walk --><gpx version="1.1"><wpt lat="1"/></gpx>',
        map_of_another_kind=b'<?xml version="1.0"?><kml:kml><description><![CDATA[<b>a</b>]]></description></kml:kml>',
        json=b'{"type": "FeatureCollection"}',
        office=office(),
        office_with_a_table=office({"word/embeddings/a.xlsx": office()}),
        office_with_a_link=office(relation("hyperlink", "https://agency.example/a?b&amp;c")),
        office_with_a_template=office(relation("attachedTemplate", "file:///C:\\Users\\Ann\\Normal.dotm")),
        office_with_a_template_beside_it=office(relation("attachedTemplate", "Normal.dotm")),
        opened=opened(),
        opened_with_folders_so_called=opened({"Pictures/basic/1.png": b"x", "Configurations2/scripts.xml": "<a/>"}),
        flat=flat(),
        flat_in_utf_16=flat(encoding="UTF-16"),
        flat_with_a_picture=flat(f"<office:binary-data>{base64.b64encode(PICTURE).decode()}</office:binary-data>"),
        pdf=pdf(),
        pdf_with_packed_objects=pdf(packed=zlib.compress(b"3 0 <</Type/Catalog/Pages 4 0 R>>")),
        pdf_with_a_view=pdf("<</OpenAction[4 0 R/Fit]/AA<</O 5 0 R>>>>", "<</S/URI/URI(http://a.example/Launch#1/Encrypt)>>"),
        rich_text=rb"{\rtf1\ansi Added, hidden and objective.{\*\template C:\\Users\\Ann\\Normal.dotm}\pict}",
    ),
)  # fmt: skip
def test_what_people_send_is_kept(content: bytes) -> None:
    assert not can_run(content)


def test_an_archive_that_is_locked_is_not_kept() -> None:
    content = bytearray(office())
    at = content.rindex(b"PK\1\2")
    content[at + 8] |= 1
    assert can_run(bytes(content))


def nested(depth: int) -> bytes:
    content = office()
    for _ in range(depth):
        content = office({"word/embeddings/a.docx": content})
    return content


def test_documents_within_documents_are_looked_into_as_far_as_tables_in_texts() -> None:
    assert not can_run(nested(DEEPEST))
    assert can_run(nested(DEEPEST + 1))


# What is made to be slow or large


def most_memory_for(content: bytes) -> int:
    tracemalloc.start()
    try:
        assert can_run(content)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_an_archive_of_very_many_names_takes_no_memory() -> None:
    name = b"PK\1\2" + bytes(24) + struct.pack("<H", 1) + bytes(16) + b"a"
    archive = b"PK\3\4" + name * 10 * MOST_PARTS + b"PK\5\6" + bytes(18)
    assert most_memory_for(archive) < 2 * len(archive)


def test_what_unpacks_to_very_much_is_given_up() -> None:
    zeros = b"\0" * 2**20
    packing = zlib.compressobj()
    objects = b"".join(
        [packing.compress(b"3 0 "), *(packing.compress(zeros) for _ in range(65)), packing.flush()]
    )
    assert most_memory_for(pdf(packed=objects)) < 3 * 65 * 2**20
    assert most_memory_for(office({"word/a.bin": bytes(MOST_UNPACKED)})) < 16 * 2**20
    within = b"PK\3\4" + bytes(4 * LARGEST_WITHIN)
    assert most_memory_for(office({"word/embeddings/a.docx": within})) < 3 * LARGEST_WITHIN
    assert most_memory_for(office({"_rels/a.rels": " " * (LONGEST_LIST + 1)})) < 16 * 2**20


@pytest.mark.parametrize(
    "content",
    found(
        remarks=b"%PDF-1.7\n" + b"/S%" * 500_000,
        spaces=b"%PDF-1.7 /S" + b" " * 1_000_000,
        declarations=b"<?a?>" * 400_000,
        never_ended=b"<?" * 1_000_000,
        comments=b"<!--" * 500_000,
        brackets=b"<" * 2_000_000,
        streams=b"%PDF-1.7\n" + b"/ObjStm stream\n" * 100_000,
        relations=office({"_rels/a.rels": '<relationship "' * 60_000}),
        escapes=b"%PDF-1.7\n" + b"#61" * 1_000_000,
        objects=b"{\\rtf1 " + b"\\template " * 200_000,
    ),
)
def test_nothing_is_looked_at_for_long(content: bytes) -> None:
    """Each would take hours where a look at one place leads back to many others."""
    can_run(content)
