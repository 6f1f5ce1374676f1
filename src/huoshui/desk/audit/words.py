"""Acts and their details in words. An act is ``noun.verb``; what has no words here is shown as it is written."""

from __future__ import annotations

from collections.abc import Mapping

from huoshui.kernel.texts import Language, Text

NOUNS: dict[str, Text] = {
    "address": Text("address", "地址"),
    "attribute": Text("attribute", "属性"),
    "board": Text("board", "看板"),
    "campaign": Text("campaign", "营销活动"),
    "channel": Text("channel", "渠道"),
    "comment": Text("comment", "评论"),
    "consent": Text("consent", "同意"),
    "contact": Text("contact", "联系方式"),
    "control_group": Text("control group", "对照组"),
    "customer": Text("customer", "客户"),
    "customers": Text("customers", "客户"),
    "document": Text("document", "文档"),
    "experiment": Text("experiment", "实验"),
    "festival": Text("festival", "节日"),
    "file": Text("file", "文件"),
    "house": Text("house", "组织"),
    "invitation": Text("invitation", "邀请"),
    "job": Text("job", "任务"),
    "list": Text("list", "列表"),
    "load": Text("import", "导入"),
    "mail": Text("mail", "邮件"),
    "mailing": Text("e-mail to customers", "客户邮件"),
    "messages": Text("messages", "消息"),
    "metric": Text("metric", "指标"),
    "model": Text("model", "模型"),
    "note": Text("note", "备注"),
    "outbox": Text("outbox", "发件箱"),
    "password": Text("password", "密码"),
    "script": Text("script", "话术"),
    "segment": Text("segment", "分群"),
    "session": Text("session", "会话"),
    "sign_off": Text("sign-off", "签批"),
    "task": Text("task", "待办"),
    "tasks": Text("tasks", "待办"),
    "team": Text("team", "团队"),
    "template": Text("template", "模板"),
    "token": Text("token", "令牌"),
    "trait": Text("trait", "特征"),
    "trial": Text("comparison", "对照试验"),
    "user": Text("colleague", "同事"),
    "version": Text("version", "版本"),
    "view": Text("view", "视图"),
}

VERBS: dict[str, Text] = {
    "accepted": Text("accepted", "接受"),
    "activated": Text("activated", "启用"),
    "added": Text("added", "添加"),
    "approved": Text("approved", "通过"),
    "asked": Text("asked for", "发起"),
    "assigned": Text("assigned", "分配"),
    "begun": Text("begun", "开始发送"),
    "brake": Text("paused by itself", "自动暂停"),
    "brought_back": Text("brought back", "恢复启用"),
    "cancelled": Text("cancelled", "取消"),
    "changed": Text("changed", "更改"),
    "closed": Text("closed", "停发"),
    "created": Text("created", "新建"),
    "deactivated": Text("deactivated", "停用"),
    "decided_again": Text("sent again", "决定重发"),
    "decided_drop": Text("dropped", "决定不再发送"),
    "decided_sent": Text("counted as sent", "认定已发送"),
    "defined": Text("defined", "定义"),
    "deleted": Text("deleted", "删除"),
    "done": Text("done", "完成"),
    "downloaded": Text("downloaded", "下载"),
    "edited": Text("edited", "编辑"),
    "ended": Text("ended", "结束"),
    "exported": Text("exported", "导出"),
    "failed": Text("failed", "失败"),
    "fixed": Text("fixed", "确定"),
    "granted": Text("granted", "同意"),
    "handed_over": Text("handed over", "转交"),
    "invited": Text("invited", "邀请"),
    "lane_set": Text("changed a channel", "更改渠道设置"),
    "lane_started": Text("let a channel go on", "恢复渠道发送"),
    "lane_stopped": Text("stopped a channel", "停止渠道发送"),
    "lifted": Text("opened again", "恢复发送"),
    "list_added": Text("made from a list", "由名单新建"),
    "locked": Text("locked", "锁定"),
    "paused": Text("paused", "暂停"),
    "postponed": Text("postponed", "改期"),
    "recorded": Text("recorded", "记录"),
    "refused": Text("refused", "被拒绝"),
    "reopened": Text("opened again", "重新打开"),
    "requested": Text("requested", "申请"),
    "reset": Text("reset", "重置"),
    "restarted": Text("sent again", "重新发送"),
    "restored": Text("restored", "恢复"),
    "resumed": Text("resumed", "继续"),
    "retired": Text("retired", "停用"),
    "returned": Text("returned", "退回"),
    "revealed": Text("revealed", "查看明文"),
    "reverted": Text("reverted", "撤销"),
    "revoked": Text("revoked", "吊销"),
    "rules": Text("changed its rules", "更改规则"),
    "rules_set": Text("changed its rules", "更改规则"),
    "saved": Text("saved", "保存"),
    "shared": Text("shared", "共享"),
    "signed_in": Text("signed in", "登录"),
    "signed_off": Text("signed off", "签批"),
    "signed_out": Text("signed out", "退出"),
    "started": Text("started", "开始"),
    "stopped": Text("stopped", "终止"),
    "subscribed": Text("subscribed", "订阅"),
    "tagged": Text("tagged", "打标签"),
    "taken": Text("taken", "领取"),
    "taken_back": Text("taken back", "撤回"),
    "tested": Text("sent as a test", "测试发送"),
    "trained": Text("trained", "训练"),
    "undone": Text("undone", "撤销"),
    "unlocked": Text("unlocked", "解锁"),
    "unsubscribed": Text("unsubscribed", "取消订阅"),
    "untagged": Text("untagged", "取消标签"),
    "used": Text("used", "使用"),
    "viewed": Text("viewed", "查看"),
    "withdrawn": Text("withdrawn", "撤回"),
}

DETAILS: dict[str, Text] = {
    "act": Text("change", "变更编号"),
    "anew": Text("drawn anew", "重新抽取"),
    "asked": Text("asked", "受邀人数"),
    "attribute": Text("attribute", "属性"),
    "bytes": Text("bytes", "字节数"),
    "channel": Text("channel", "渠道"),
    "columns": Text("columns", "列"),
    "comment": Text("comment", "评论编号"),
    "contacts": Text("contacts", "联系方式"),
    "currency": Text("currency", "本位币"),
    "customers": Text("customers", "客户数"),
    "customers_removed": Text("customers removed", "移除客户数"),
    "enough": Text("enough data", "数据充足"),
    "every": Text("every", "频率"),
    "festival": Text("festival", "节日"),
    "fields": Text("fields", "字段"),
    "file": Text("file", "文件编号"),
    "first": Text("from", "起"),
    "format": Text("format", "格式"),
    "hour": Text("hour", "时刻"),
    "job": Text("job", "任务编号"),
    "kind": Text("kind", "类型"),
    "last": Text("until", "止"),
    "letters": Text("letters", "邮件数"),
    "list": Text("list", "列表"),
    "loaded": Text("loaded", "已导入行"),
    "mailed": Text("sent by mail", "已发邮件"),
    "marked": Text("marked as advertisement", "标注广告"),
    "mentions": Text("mentions", "提及人数"),
    "messages": Text("messages", "消息数"),
    "method": Text("method", "请求方法"),
    "model": Text("model", "模型"),
    "number": Text("number", "编号"),
    "page": Text("page", "页面"),
    "plus": Text("plus addressing", "加号地址"),
    "purpose": Text("for", "用途"),
    "recovery_codes": Text("recovery codes", "恢复码"),
    "rejected": Text("rejected", "被拒绝行"),
    "right": Text("right", "权限"),
    "rights": Text("rights", "权限"),
    "role": Text("role", "角色"),
    "roles": Text("roles", "角色数"),
    "rows": Text("rows", "行数"),
    "scope": Text("records", "数据范围"),
    "second_step": Text("second step", "两步验证"),
    "share": Text("share", "占比"),
    "sharing": Text("shared with", "共享范围"),
    "source": Text("source", "来源"),
    "tag": Text("tag", "标签"),
    "tasks": Text("tasks", "待办数"),
    "teams": Text("teams", "团队"),
    "terms": Text("terms", "条件"),
    "time_zone": Text("time zone", "时区"),
    "type": Text("type", "类型"),
    "unclear": Text("unclear", "无法判断"),
    "unknown": Text("unknown", "未找到"),
    "version": Text("version", "版本"),
    "why": Text("because", "原因"),
}
"""What a detail is called."""

CODES: dict[str, Text] = {
    "abroad": Text("sending abroad", "个人信息出境"),
    "administrator": Text("administrator", "管理员"),
    "all": Text("all", "全部"),
    "analyst": Text("analyst", "分析师"),
    "any": Text("all channels", "全部渠道"),
    "code": Text("code", "验证码"),
    "consent": Text("consent", "同意"),
    "day": Text("day", "每天"),
    "email": Text("e-mail", "邮件"),
    "manager": Text("manager", "经理"),
    "marketing": Text("marketing", "营销"),
    "masked": Text("masked", "脱敏"),
    "month": Text("month", "每月"),
    "operator": Text("operator", "运营"),
    "own": Text("own", "本人"),
    "password": Text("password", "密码"),
    "phone": Text("phone", "电话"),
    "post": Text("post", "邮寄"),
    "profiling": Text("profiling", "画像分析"),
    "push": Text("push messages", "推送"),
    "removed": Text("removed", "已移除"),
    "research": Text("research", "调研"),
    "roles": Text("roles", "按角色"),
    "service": Text("service", "服务"),
    "set up": Text("set up", "已设置"),
    "sms": Text("SMS", "短信"),
    "team": Text("team", "团队"),
    "third_party": Text("passing on to third parties", "提供给第三方"),
    "viewer": Text("viewer", "查看者"),
    "wecom": Text("WeCom", "企业微信"),
    "week": Text("week", "每周"),
    "whole": Text("whole", "完整"),
}
"""What a detail may say, where it is a word of the house."""
YES, NO = Text("yes", "是"), Text("no", "否")


def told(detail: Mapping[str, object], language: Language) -> str:
    """The detail of an entry in one line."""
    colon = "：" if language == "zh" else ": "
    return " · ".join(
        f"{DETAILS[name].in_(language) if name in DETAILS else name}{colon}{_value(value, language)}"
        for name, value in detail.items()
    )


def _value(value: object, language: Language) -> str:
    if isinstance(value, list):
        between = "、" if language == "zh" else ", "
        return between.join(_value(one, language) for one in value)
    if isinstance(value, bool):
        return (YES if value else NO).in_(language)
    text = str(value)
    return CODES[text].in_(language) if text in CODES else text


def said(act: str, language: Language) -> str:
    """``customer.viewed`` as people read it."""
    noun, _, verb = act.partition(".")
    if noun not in NOUNS or verb not in VERBS:
        return act
    space = "" if language == "zh" else " "
    words = f"{NOUNS[noun].in_(language)}{space}{VERBS[verb].in_(language)}"
    return words[:1].upper() + words[1:]
