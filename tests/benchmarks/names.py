"""Made-up companies, people and deals in Chinese and in Western languages, the same ones in every run."""

from dataclasses import dataclass
from random import Random

CITIES = ["北京", "上海", "广州", "深圳", "杭州", "苏州", "南京", "无锡", "常州", "宁波", "温州", "嘉兴", "绍兴", "青岛", "济南", "烟台", "大连", "沈阳", "长春", "哈尔滨", "天津", "石家庄", "郑州", "武汉", "长沙", "南昌", "合肥", "福州", "厦门", "泉州", "东莞", "佛山", "珠海", "中山", "惠州", "南宁", "昆明", "贵阳", "成都", "重庆", "西安", "兰州"]  # fmt: skip  # noqa: E501
BRAND_FIRST = "华 中 东 新 金 宏 恒 天 海 永 正 国 瑞 安 博 德 盛 联 创 信 泰 鼎 汇 嘉 凯 康 力 隆 明 腾 通 万 兴 旭 亚 益 远 智 卓 众"  # fmt: skip  # noqa: E501
BRAND_SECOND = "为 达 源 盛 方 泰 峰 宇 信 辉 诚 科 丰 业 能 和 成 利 邦 晟 润 航 翔 创 益 力 威 迪 锐 诺 朗 维 特 安 航 康 美 顺 群 星"  # fmt: skip  # noqa: E501
TRADES = "技术 机械 精密制造 电子 自动化设备 新材料 医疗器械 食品 纺织 化工 建筑工程 物流 贸易 软件 环保科技 汽车零部件 数控机床 包装 五金 模具 仪器仪表 能源 光电 生物科技 家具 印刷 阀门 轴承 电气 通信"  # fmt: skip  # noqa: E501
FORMS = ("有限公司", "有限公司", "有限公司", "股份有限公司", "有限责任公司", "集团有限公司")
STEMS = "Alder Aurora Baltic Beacon Birch Bristol Cascade Cedar Cobalt Condor Crown Delta Eagle Eastgate Elm Falcon Fenwick Garnet Granite Harbor Hawthorn Helios Horizon Ivory Juniper Keystone Lakeside Larch Linden Lumen Maple Meridian Mistral Nordic Northwind Oakfield Orion Pacific Pinnacle Polar Quartz Ravens Redwood Ridgeway Rowan Sable Saffron Silver Solara Sterling Summit Tandem Titan Tundra Umber Vector Vega Verdant Vesper Walden Westbrook Willow Zenith"  # fmt: skip  # noqa: E501
TRADES_EN = "Components Controls Dynamics Electronics Engineering Fabrication Fasteners Foods Hydraulics Industries Instruments Logistics Machinery Materials Medical Metals Motion Optics Packaging Pneumatics Polymers Power Precision Pumps Robotics Seals Sensors Systems Textiles Tooling Trading Valves"  # fmt: skip  # noqa: E501
PLACES_EN = "Bergen Bilbao Boston Bremen Calgary Cork Dayton Denver Genoa Ghent Graz Leeds Lille Lyon Malmö Milan Nantes Osaka Porto Reno Riga Tampere Turin Ulm Utrecht Vienna York Zürich"  # fmt: skip  # noqa: E501
FORMS_EN = ("Ltd", "GmbH", "Inc.", "AG", "S.p.A.", "B.V.", "SAS", "LLC", "AB", "Oy")
SURNAMES = "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 韩 冯 邓 曹 彭 曾 肖 田 董 袁 潘 于 蒋 蔡 余 杜 叶 程 苏 魏 吕 丁 任 沈 姚 卢 姜 崔 钟 谭 陆 汪 范 金 石 廖 贾 夏 韦 付 方 白 邹 孟 熊 秦 邱 江 尹 薛 闫 段 雷 侯 龙 史 陶 黎 贺 顾 毛 郝 龚 邵 万 钱 严 覃 武 戴 莫 孔 向 汤 欧阳 单"  # fmt: skip  # noqa: E501
GIVEN = "伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 霞 平 刚 桂英 志远 建国 晓明 文博 雨桐 子涵 浩然 欣怡 梓轩 思远 佳琪 俊杰 海燕 志强 国华 丽华 春梅 雪梅 建华 玉兰 晓东 立新 永刚 红梅 振宇 嘉豪 雅婷 美玲 天宇 鹏飞 晨曦 一鸣 若曦 博文"  # fmt: skip  # noqa: E501
FIRST_EN = "Adam Alice Anna Bruno Carla Chloe Clara Daniel David Elena Emil Emma Erik Felix Fiona George Greta Hannah Henry Ida Irene Ivan James Jana Julia Karl Laura Leo Lucas Maria Marta Max Mia Nadia Nina Noah Olga Oscar Paul Petra Robert Rosa Samuel Sara Simon Sofia Thomas Vera Victor Zoe"  # fmt: skip  # noqa: E501
LAST_EN = "Andersen Bakker Baumann Becker Bianchi Brown Carter Costa Dubois Evans Ferrari Fischer Fontaine Garcia Hansen Hill Hoffmann Horvat Jansen Johnson Keller Kowalski Larsen Lopez Marino Martin Meyer Moreau Moretti Murphy Nielsen Novak Olsen Petrov Ricci Rossi Santos Schmidt Silva Smith Taylor Virtanen Wagner Walker Weber White Wilson Wright"  # fmt: skip  # noqa: E501
GOODS = "数控车床 立式加工中心 工业机器人 传感器 变频器 液压站 激光切割机 注塑机 输送线 检测设备 备件年度框架 维保服务 MES系统 仓储货架 空压机"  # fmt: skip  # noqa: E501
GOODS_EN = "CNC lathes|machining centre|welding robots|sensors|frequency drives|hydraulic unit|laser cutter|moulding machines|conveyor line|inspection rig|spare parts frame|service contract|MES rollout|storage racks|compressors"  # fmt: skip  # noqa: E501
TITLES = [
    "采购经理",
    "总经理",
    "设备部部长",
    "技术总监",
    "财务经理",
    "生产厂长",
    "销售总监",
    "质量经理",
    "工程师",
    "行政主管",
]
TITLES_EN = (
    "Head of Purchasing", "Managing Director", "Plant Manager", "CTO", "Finance Manager", "Buyer", "Quality Manager",
    "Engineer", "Office Manager", "Operations Director",
)  # fmt: skip
TALKS = ["电话沟通报价细节", "拜访客户，参观车间", "发送技术方案", "确认交货期", "催收合同盖章", "讨论付款方式", "样品寄出", "节日问候", "客户反馈价格偏高", "约定下周会议"]  # fmt: skip  # noqa: E501
TALKS_EN = (
    "Went through the quotation", "Visited the plant", "Sent the technical proposal", "Confirmed the delivery date",
    "Asked about the signed contract", "Discussed payment terms", "Samples are on their way", "Season's greetings",
    "They find the price high", "Agreed on a meeting next week",
)  # fmt: skip


@dataclass(frozen=True)
class Company:
    name: str
    short: str
    english: str | None
    chinese: bool


class Namer:
    """Draws names. Six of ten companies and their people are Chinese."""

    def __init__(self, random: Random) -> None:
        self.random = random
        lists = (
            BRAND_FIRST,
            BRAND_SECOND,
            TRADES,
            STEMS,
            TRADES_EN,
            PLACES_EN,
            SURNAMES,
            GIVEN,
            FIRST_EN,
            LAST_EN,
            GOODS,
        )
        (self.brand_first, self.brand_second, self.trades, self.stems, self.trades_en, self.places_en,
         self.surnames, self.given, self.first_en, self.last_en, self.goods) = (text.split() for text in lists)  # fmt: skip
        self.goods_en = GOODS_EN.split("|")

    def company(self) -> Company:
        choice = self.random.choice
        if self.random.random() < 0.6:
            brand = choice(self.brand_first) + choice(self.brand_second)
            if self.random.random() < 0.5:
                brand += choice(self.brand_second)
            short = brand + choice(self.trades)
            return Company(choice(CITIES) + short + choice(FORMS), short, None, True)
        stem, trade, place = choice(self.stems), choice(self.trades_en), choice(self.places_en)
        short = f"{stem} {trade}"
        return Company(f"{stem} {trade} {place} {choice(FORMS_EN)}", short, None, False)

    def person(self, *, chinese: bool) -> str:
        if chinese:
            return self.random.choice(self.surnames) + self.random.choice(self.given)
        return f"{self.random.choice(self.first_en)} {self.random.choice(self.last_en)}"

    def title(self, *, chinese: bool) -> str:
        return self.random.choice(TITLES if chinese else TITLES_EN)

    def deal(self, company: Company) -> str:
        return f"{company.short} {self.random.choice(self.goods if company.chinese else self.goods_en)}"

    def talk(self, *, chinese: bool) -> str:
        return self.random.choice(TALKS if chinese else TALKS_EN)
