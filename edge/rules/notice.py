"""The notice read before consent to face matching, in plain words.

English and Chinese are written side by side; whoever changes one changes the other. The
version is derived from the text, so that no text can change without it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from edge.config import PrivacyConfig, StoreConfig
from edge.domain import Language

EDITION = "2026-11"

_TITLE = {
    Language.ENGLISH: "Shall we recognise you at the door?",
    Language.CHINESE: "是否愿意让我们在门口认出您？",
}
_AGREE = {
    Language.ENGLISH: "I have read this, and I agree to be recognised by my face in this shop",
    Language.CHINESE: "我已阅读以上内容，同意本店通过人脸识别认出我",
}
_PARAGRAPHS = {
    Language.ENGLISH: (
        "What: from one to five photos we compute a description of your face in numbers, "
        "a face template. It is sensitive personal data. The photos are not kept.",
        "Why: when you come in, the door camera compares faces with the templates of members "
        "who agreed, and a shopping guide's phone shows who it possibly is. A person always "
        "decides. We use it for nothing else: no payment, no advertising, no guessing of "
        "your age, sex or mood.",
        "How long: the template is erased {months} months after your last visit, or at once "
        "when you withdraw.",
        "Who sees it: nobody can look at it. It stays encrypted on one computer in {shop} and "
        "is given to no one. Guides see your member card; ask us who looked at it.",
        "Your choice: this is separate from your membership and not a condition for anything. "
        "Without it you have the same prices, points and service: show your card or code, or "
        "say your phone number.",
        "Changing your mind: withdraw at any till or through {contact}, at any time, without "
        "a reason. We stop recognising you within a minute and erase the template.",
        "Who answers for it: {controller}, {address}, {contact}. You may see, correct or erase "
        "your data, and complain to the data protection authority.",
    ),
    Language.CHINESE: (
        "是什么：我们用一到五张照片计算出描述您面部的一组数字，即人脸模板。"
        "它属于敏感个人信息。照片不会保存。",
        "为什么：您进店时，门口的摄像头会将人脸与已同意会员的模板比对，"
        "并在导购的手机上提示可能是哪位会员。最终总是由人来判断。"
        "我们不作他用：不用于支付，不用于广告，也不推测您的年龄、性别或情绪。",
        "保存多久：自您最后一次到店起 {months} 个月后删除模板；您撤回同意时立即删除。",
        "谁能看到：没有人能查看模板。它经加密只保存在{shop}的一台电脑上，不提供给任何人。"
        "导购看到的是您的会员卡；您可以随时询问谁看过它。",
        "您的选择：这与会员资格无关，也不是任何服务的条件。不同意，价格、积分和服务也完全一样："
        "出示会员卡或会员码，或报手机号即可。",
        "改变主意：您可以随时在任一收银台或通过 {contact} 撤回同意，无需说明理由。"
        "我们会在一分钟内停止识别并删除模板。",
        "由谁负责：{controller}，{address}，{contact}。"
        "您有权查阅、更正、删除您的信息，并可向个人信息保护主管部门投诉。",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What the member reads. ``digest`` is the SHA-256 of the text, in hexadecimal."""

    version: str
    language: Language
    title: str
    paragraphs: tuple[str, ...]
    agree_label: str
    digest: str


def write_notice(language: Language, privacy: PrivacyConfig, shop: StoreConfig) -> Notice:
    """The notice of this shop. ``privacy.controller`` must be set."""
    assert privacy.controller is not None, "face matching is off without a controller"
    filled = {
        "months": str(privacy.retention_months),
        "shop": shop.name,
        "controller": privacy.controller.name,
        "address": privacy.controller.address,
        "contact": privacy.controller.contact,
    }
    paragraphs = tuple(text.format_map(filled) for text in _PARAGRAPHS[language])
    title, agree = _TITLE[language], _AGREE[language]
    digest = hashlib.sha256("\n".join((title, *paragraphs, agree)).encode()).hexdigest()
    return Notice(
        version=f"{EDITION}.{digest[:8]}",
        language=language,
        title=title,
        paragraphs=paragraphs,
        agree_label=agree,
        digest=digest,
    )
