"""What the sign at the door says, in plain words, before anybody comes in.

English and Chinese are written side by side; whoever changes one changes the other.
"""

from __future__ import annotations

from dataclasses import dataclass

from edge.domain import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class SignText:
    """``points`` are read from two metres away, the rest from one."""

    language: Language
    title: str
    points: tuple[str, ...]
    more: str
    answers: str


SIGN = {
    Language.ENGLISH: SignText(
        language=Language.ENGLISH,
        title="A camera at this door knows our members who asked for it",
        points=(
            "It compares faces with those of members who agreed, so that we can greet them. "
            "A person always decides.",
            "Of everybody else nothing is kept: no picture, no name, no trace. "
            "We only count how many people come.",
            "Nobody has to take part. Prices, points and service are the same.",
        ),
        more="Read the whole notice",
        answers="Who answers for it",
    ),
    Language.CHINESE: SignText(
        language=Language.CHINESE,
        title="门口的摄像头只认识主动同意的会员",
        points=(
            "摄像头将人脸与已同意会员的模板比对，以便我们问候会员。最终总是由人来判断。",
            "其他人不留下任何信息：不存照片，不识别身份，不留痕迹。我们只统计人数。",
            "是否参加完全自愿。不参加，价格、积分和服务也完全一样。",
        ),
        more="查看完整告知",
        answers="由谁负责",
    ),
}
"""The two languages, in one order."""


def languages(first: Language) -> tuple[SignText, ...]:
    """The sign's texts, the shop's own language first."""
    return tuple(sorted(SIGN.values(), key=lambda text: text.language is not first))
