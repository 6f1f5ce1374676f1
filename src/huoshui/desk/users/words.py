"""Roles, scopes and rights in words."""

from __future__ import annotations

from huoshui.kernel.actors import Right, Role, Scope
from huoshui.kernel.texts import Text

ROLES: dict[Role, Text] = {
    Role.VIEWER: Text("Viewer: looks", "查看者：只看"),
    Role.OPERATOR: Text("Operator: works with customers", "运营：处理客户"),
    Role.ANALYST: Text("Analyst: asks any question of the data", "分析师：查询全部数据"),
    Role.MANAGER: Text("Manager: both, and exports", "经理：兼有以上，可导出"),
    Role.ADMINISTRATOR: Text("Administrator: everything", "管理员：全部权限"),
}
SHORT_ROLES: dict[Role, Text] = {
    Role.VIEWER: Text("Viewer", "查看者"),
    Role.OPERATOR: Text("Operator", "运营"),
    Role.ANALYST: Text("Analyst", "分析师"),
    Role.MANAGER: Text("Manager", "经理"),
    Role.ADMINISTRATOR: Text("Administrator", "管理员"),
}
SCOPES: dict[Scope, Text] = {
    Scope.OWN: Text("they own", "自己负责的"),
    Scope.TEAM: Text("their teams own", "所在团队负责的"),
    Scope.ALL: Text("of everybody", "全部"),
}
RIGHTS: dict[Right, Text] = {
    Right.CUSTOMERS_VIEW: Text("see customers", "查看客户"),
    Right.CUSTOMERS_EDIT: Text("change customers", "修改客户"),
    Right.LAKE_QUERY: Text("ask questions of the lake", "查询数据湖"),
    Right.IMPORTS_RUN: Text("import files", "导入文件"),
    Right.TRAITS_REFRESH: Text("compute traits", "重算特征"),
    Right.HOUSE_MANAGE: Text("manage the house", "管理系统"),
    Right.CONSENT_RECORD: Text("record consent", "登记同意"),
    Right.CONTACTS_REVEAL: Text("see phones and e-mails in full", "查看完整电话和邮箱"),
    Right.CUSTOMERS_EXPORT: Text("export customers", "导出客户"),
    Right.TASKS_WORK: Text("work on tasks", "处理待办"),
    Right.COMMENTS_WRITE: Text("write comments", "发表评论"),
    Right.USERS_MANAGE: Text("manage colleagues", "管理同事"),
    Right.AUDIT_VIEW: Text("read the audit log", "查看审计日志"),
    Right.SEGMENTS_EDIT: Text("make and change segments", "新建和修改分群"),
    Right.EXPERIMENTS_EDIT: Text("read experiments from tables", "读取实验结果表"),
    Right.CAMPAIGNS_EDIT: Text("make and change campaigns and templates", "新建和修改营销活动与模板"),
    Right.CAMPAIGNS_APPROVE: Text("approve and start campaigns", "批准和启动营销活动"),
    Right.RESEARCH_EDIT: Text("write down research", "录入市场研究"),
    Right.PLANS_EDIT: Text("write and review plans", "编写和复盘计划"),
    Right.PLANS_SHARE: Text("share plans with readers outside", "对外共享计划"),
}
