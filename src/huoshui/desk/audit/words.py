"""Acts in words. An act is ``noun.verb``; one whose words are not known here is shown as it is written."""

from __future__ import annotations

from huoshui.kernel.texts import Language, Text

NOUNS: dict[str, Text] = {
    "attribute": Text("attribute", "属性"),
    "board": Text("board", "看板"),
    "comment": Text("comment", "评论"),
    "consent": Text("consent", "同意"),
    "contact": Text("contact", "联系方式"),
    "customer": Text("customer", "客户"),
    "customers": Text("customers", "客户"),
    "document": Text("document", "文档"),
    "festival": Text("festival", "节日"),
    "file": Text("file", "文件"),
    "house": Text("house", "组织"),
    "invitation": Text("invitation", "邀请"),
    "job": Text("job", "任务"),
    "list": Text("list", "列表"),
    "load": Text("import", "导入"),
    "mail": Text("mail", "邮件"),
    "model": Text("model", "模型"),
    "note": Text("note", "备注"),
    "password": Text("password", "密码"),
    "session": Text("session", "会话"),
    "task": Text("task", "待办"),
    "team": Text("team", "团队"),
    "token": Text("token", "令牌"),
    "user": Text("colleague", "同事"),
    "version": Text("version", "版本"),
    "view": Text("view", "视图"),
}

VERBS: dict[str, Text] = {
    "accepted": Text("accepted", "接受"),
    "activated": Text("activated", "启用"),
    "added": Text("added", "添加"),
    "assigned": Text("assigned", "分配"),
    "cancelled": Text("cancelled", "取消"),
    "changed": Text("changed", "更改"),
    "created": Text("created", "新建"),
    "deactivated": Text("deactivated", "停用"),
    "deleted": Text("deleted", "删除"),
    "done": Text("done", "完成"),
    "downloaded": Text("downloaded", "下载"),
    "edited": Text("edited", "编辑"),
    "ended": Text("ended", "结束"),
    "exported": Text("exported", "导出"),
    "failed": Text("failed", "失败"),
    "invited": Text("invited", "邀请"),
    "locked": Text("locked", "锁定"),
    "recorded": Text("recorded", "记录"),
    "refused": Text("refused", "拒绝"),
    "requested": Text("requested", "申请"),
    "reset": Text("reset", "重置"),
    "restored": Text("restored", "恢复"),
    "revealed": Text("revealed", "查看明文"),
    "reverted": Text("reverted", "撤销"),
    "revoked": Text("revoked", "吊销"),
    "shared": Text("shared", "共享"),
    "signed_in": Text("signed in", "登录"),
    "signed_off": Text("signed off", "签批"),
    "signed_out": Text("signed out", "退出"),
    "started": Text("started", "开始"),
    "subscribed": Text("subscribed", "订阅"),
    "tagged": Text("tagged", "打标签"),
    "trained": Text("trained", "训练"),
    "undone": Text("undone", "撤销"),
    "unlocked": Text("unlocked", "解锁"),
    "unsubscribed": Text("unsubscribed", "取消订阅"),
    "untagged": Text("untagged", "取消标签"),
    "used": Text("used", "使用"),
    "viewed": Text("viewed", "查看"),
}


def said(act: str, language: Language) -> str:
    """``customer.viewed`` as people read it."""
    noun, _, verb = act.partition(".")
    if noun not in NOUNS or verb not in VERBS:
        return act
    space = "" if language == "zh" else " "
    words = f"{NOUNS[noun].in_(language)}{space}{VERBS[verb].in_(language)}"
    return words[:1].upper() + words[1:]
