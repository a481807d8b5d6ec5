"""What is read out of a mail, whatever its sender has made of it."""

import struct
from email.message import EmailMessage

import pytest

from erpcrm.service.mail_reading import read_mail
from erpcrm.service.mail_text import split_quoted, text_of_html

HEAD = (
    b"From: =?gb2312?B?zfW3vA==?= <Wang.Fang@Example.com>\r\nTo: service@ours.example\r\nSubject: =?utf-8?B?6K6+5aSH?=\r\n"
    b" =?utf-8?B?5pWF6Zqc?=\r\nMessage-ID: <1@example.com>\r\nDate: Mon, 02 Mar 2026 09:30:00 +0800\r\n"
)


def mail(
    headers: bytes = b"", body: bytes = b"Hello", kind: bytes = b"text/plain; charset=utf-8", head: bytes = HEAD
) -> bytes:
    return head + b"Content-Type: " + kind + b"\r\n" + headers + b"\r\n" + body


def test_the_parts_of_a_plain_mail() -> None:
    read = read_mail(mail())
    assert (read.sender_name, read.sender, read.subject) == ("王芳", "wang.fang@example.com", "设备故障")
    assert (read.text, read.quoted, read.files, read.automatic) == ("Hello", "", (), None)
    assert read.sent_at is not None
    assert read.sent_at.isoformat() == "2026-03-02T01:30:00+00:00"
    assert (read.message_id, read.to) == ("<1@example.com>", ("service@ours.example",))


@pytest.mark.parametrize(
    ("charset", "encoding", "words"),
    [
        ("gb2312", "gb18030", "镕基的设备坏了 €"),
        ("gbk", "gb18030", "机器停了"),
        ("utf-8", "gb18030", "其实是国标码"),
        ("iso-8859-1", "cp1252", "Grüße für 5 €"),
        ("x-nonsense", "utf-8", "漏油"),
        ("big5", "big5", "機器停了"),
    ],
)
def test_charsets_that_are_not_what_they_say(charset: str, encoding: str, words: str) -> None:
    read = read_mail(mail(body=words.encode(encoding), kind=f"text/plain; charset={charset}".encode()))
    assert read.text == words


def test_raw_bytes_in_headers_and_headers_that_break_the_rules() -> None:
    head = (
        "From: 李 <li@example.com>\r\nSubject: 报价单 12\r\n".encode("gb18030")
        + b"Date: yesterday\r\nMessage-ID: none\r\n"
    )
    read = read_mail(mail(head=head))
    assert (read.sender_name, read.subject, read.sent_at, read.message_id) == ("李", "报价单 12", None, None)
    assert read_mail(b"\xff\xfe\x00 nonsense").sender == ""
    assert read_mail(b"From: (\r\nContent-Type: multipart/mixed\r\n\r\nno boundary").automatic == "null_sender"
    assert read_mail(mail(b"Content-Transfer-Encoding: base64\r\n", b"SGVsb G8=\r\n!!")).text.startswith("Hello")


def test_html_becomes_text_without_its_scripts() -> None:
    html = (
        "<html><head><style>p{color:red}</style></head><body><p>Dear team,</p><script>alert(1)</script>"
        "<p>it <b>leaks</b>:<ul><li>oil<li>water</ul><a href='https://example.com/a'>photo</a> "
        "<a href='javascript:alert(2)'>here</a></p><blockquote>old words</blockquote></body></html>"
    )
    text = text_of_html(html)
    assert text == "Dear team,\n\nit leaks:\n\n• oil\n• water\n\nphoto (https://example.com/a) here\n\n> old words"
    read = read_mail(mail(body=html.encode(), kind=b"text/html; charset=utf-8"))
    assert read.text.endswith("photo (https://example.com/a) here")
    assert read.quoted == "> old words"
    assert "alert" not in read.text


@pytest.mark.parametrize(
    "opening",
    [
        "On Mon, 2 Mar 2026 at 10:00, Service <service@ours.example> wrote:\n> How are you?",
        "On Mon, 2 Mar 2026 at 10:00, Service Team Of The Company\n<service@ours.example> wrote:\n> How are you?",
        "Am 02.03.2026 um 10:00 schrieb Service:\n> Wie geht es?",
        "------------------ 原始邮件 ------------------\n发件人: 服务\n内容",
        "-----Original Message-----\nFrom: Service\nSent: Monday\nHow are you?",
        '在 2026-03-02 10:00:00，"服务" <service@ours.example> 写道：\n> 您好',
        "发件人： 服务\n发送时间： 2026年3月2日\n收件人： 王芳\n主题： 回复\n您好",
        "________________________________\nFrom: Service\nSent: Monday\nTo: Wang\nSubject: Re\nHello",
        "> How are you?\n> Fine?",
    ],
)
def test_what_is_quoted_is_cut_and_kept(opening: str) -> None:
    new, quoted = split_quoted(f"Still broken.\nPlease come.\n\n{opening}")
    assert new == "Still broken.\nPlease come."
    assert quoted == opening


def test_an_answer_between_the_lines_stays_whole() -> None:
    text = "See below.\nOn Monday Service wrote:\n> Is it on?\nYes.\n> Since when?\nFriday."
    assert split_quoted(text) == (text, "")
    assert split_quoted("> only a quotation") == ("> only a quotation", "")
    assert split_quoted("He wrote:")[0] == "He wrote:"


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        (b"Auto-Submitted: auto-replied\r\n", "auto_submitted"),
        (b"Auto-Submitted: auto-generated; x=1\r\n", "auto_submitted"),
        (b"Auto-Submitted: no\r\n", None),
        (b"Precedence: bulk\r\n", "bulk"),
        (b"Precedence: auto_reply\r\n", "auto_reply"),
        (b"X-Autoreply: yes\r\n", "auto_reply"),
        (b"Return-Path: <>\r\n", "null_sender"),
        (b"List-Id: <news.example.com>\r\n", "list"),
        (b"Return-Path: <wang.fang@example.com>\r\n", None),
    ],
)
def test_mails_that_no_person_wrote(headers: bytes, why: str | None) -> None:
    assert read_mail(mail(headers)).automatic == why


def test_our_own_mail_coming_back_and_bounces() -> None:
    assert read_mail(mail(), own=("wang.fang@EXAMPLE.com",)).automatic == "own"
    head = b"From: MAILER-DAEMON@mx.example\r\nMessage-ID: <b@mx>\r\n"
    assert read_mail(mail(head=head)).automatic == "null_sender"


def test_what_a_mail_answers() -> None:
    headers = b"In-Reply-To: <c@ours>\r\nReferences: <a@ours>\r\n <b@ours> <c@ours>\r\n"
    read = read_mail(mail(headers, head=HEAD.replace(b"=?utf-8?B?6K6+5aSH?=", b"Re: [T-00042] [t-7]")))
    assert read.in_reply_to == ("<c@ours>", "<b@ours>", "<a@ours>")
    assert read.ticket_numbers == ("T-00042",)


def test_attachments_forwarded_mails_and_pictures_are_kept() -> None:
    message = EmailMessage()
    message["From"], message["Subject"] = "a@example.com", "Photos"
    message.set_content("See the photos")
    message.add_alternative("<p>See the <i>photos</i></p>", subtype="html")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="现场照片.png")
    inner = EmailMessage()
    inner["Subject"] = "Earlier"
    inner.set_content("Earlier text")
    message.add_attachment(inner)
    read = read_mail(message.as_bytes())
    assert read.text == "See the photos"
    assert [(file.name, file.media_type) for file in read.files] == [
        ("现场照片.png", "image/png"),
        ("2.eml", "message/rfc822"),
    ]
    assert b"Earlier text" in read.files[1].content


def packed(*attributes: tuple[int, bytes]) -> bytes:
    parts = [struct.pack("<IH", 0x223E9F78, 1)]
    for tag, value in attributes:
        parts.append(struct.pack("<BII", 1, tag, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF))
    return b"".join(parts)


def test_winmail_is_unpacked_and_a_damaged_one_kept_whole() -> None:
    content = packed(
        (0x2800C, b"Hello from Outlook\0"), (0x69002, b"x" * 14), (0x18010, b"plan.pdf\0"), (0x6800F, b"%PDF")
    )
    kind = b"application/ms-tnef; name=winmail.dat"
    read = read_mail(mail(b"Content-Transfer-Encoding: 8bit\r\n", content, kind))
    assert [(file.name, file.content) for file in read.files] == [("plan.pdf", b"%PDF")]
    assert read.text == "Hello from Outlook"
    damaged = read_mail(mail(b"", content[:-3], kind))
    assert [(file.name, file.content[:4]) for file in damaged.files] == [("winmail.dat", content[:4])]


def test_a_mail_of_countless_parts_ends() -> None:
    body = b"".join(b"--x\r\nContent-Type: text/plain\r\n\r\nword\r\n" for _ in range(5000))
    read = read_mail(mail(b"", body, b"multipart/mixed; boundary=x"))
    assert 100 < read.text.count("word") < 250
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=%d\r\n\r\n--%d\r\n" % (n, n) for n in range(60))
    assert read_mail(HEAD + deep + b"Content-Type: text/plain\r\n\r\nbottom").sender == "wang.fang@example.com"
