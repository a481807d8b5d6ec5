"""What a company is called apart from where it sits and what it trades in. Pure functions of text.

A Chinese company name is place + name + trade + legal form (深圳市 + 蓝海 + 食品 + 有限公司; Provisions on the Administration of
Enterprise Name Registration, 2020, article 6), and people leave out any part but the name.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from .similar import normalise

_PLACES = """
中国 北京 上海 天津 重庆 河北 山西 内蒙古 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 河南 湖北
湖南 广东 广西 海南 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾 石家庄 唐山 秦皇岛
邯郸 保定 张家口 承德 沧州 廊坊 太原 大同 呼和浩特 包头 鄂尔多斯 沈阳 大连 鞍山 长春 哈尔滨 齐齐哈尔
大庆 南京 无锡 徐州 常州 苏州 南通 连云港 淮安 盐城 扬州 镇江 泰州 宿迁 昆山 江阴 张家港 常熟 杭州
宁波 温州 嘉兴 湖州 绍兴 金华 衢州 舟山 台州 丽水 义乌 合肥 芜湖 蚌埠 马鞍山 安庆 滁州 阜阳 福州 厦门
莆田 泉州 漳州 龙岩 南昌 景德镇 九江 赣州 济南 青岛 淄博 烟台 潍坊 济宁 泰安 威海 日照 临沂 德州 聊城
滨州 菏泽 郑州 洛阳 开封 新乡 许昌 南阳 武汉 宜昌 襄阳 荆州 黄石 长沙 株洲 湘潭 衡阳 岳阳 常德 广州
深圳 珠海 汕头 佛山 江门 湛江 茂名 肇庆 惠州 东莞 中山 清远 潮州 揭阳 南宁 柳州 桂林 北海 海口 三亚
成都 绵阳 德阳 自贡 攀枝花 泸州 宜宾 乐山 南充 贵阳 遵义 昆明 曲靖 玉溪 大理 拉萨 西安 宝鸡 咸阳 渭南
汉中 兰州 西宁 银川 乌鲁木齐 克拉玛依 浦东 横琴 前海
"""
_TRADES = """
科技 技术 电子 信息 网络 软件 数码 智能 通信 通讯 股份 控股 实业 发展 集团 贸易 商贸 商务 工贸 进出口
国际 工业 制造 机械 设备 机电 电气 电器 自动化 材料 新材料 化工 能源 新能源 食品 饮料 农业 医药 制药
药业 医疗 生物 健康 建设 建筑 工程 装饰 地产 置业 物业 物流 供应链 运输 投资 资本 金融 银行 保险 证券
传媒 文化 教育 咨询 服务 管理 环保 汽车 服饰 纺织 包装 印刷 中国 总部
"""
_LATIN_TRADES = """
technologies technology tech group holdings holding international global industries industrial trading trade
manufacturing electronics systems solutions services china deutschland germany europe asia hongkong shanghai
usa
"""
PLACES = frozenset(_PLACES.split())
"""Provinces and the cities that company names begin with; smaller ones are known by their suffix (海宁市)."""
TRADES = sorted(_TRADES.split(), key=len, reverse=True)
LATIN_TRADES = _LATIN_TRADES.split()
_BRACKETS = re.compile(r"[(（\[【](.{2,6}?)[)）\]】]")
_SUFFIX = re.compile(r"(?:壮族|回族|维吾尔)?(?:自治区|特别行政区|新区|省|市|县|区)?")
_NAMED_PLACE = re.compile(r"[\u4e00-\u9fff]{2,4}?(?:省|市|自治区|县)")
SHORTEST, LONGEST_PLACE = 2, 5


@dataclass(frozen=True)
class CompanyName:
    """`core`: the name with its trade, without place and legal form. `places`: those that the name tells."""

    core: str
    places: frozenset[str]


@lru_cache(maxsize=50_000)
def company_name(name: str) -> CompanyName:
    """Take a company's name apart. A name that is nothing but a place keeps it."""
    places: set[str] = set()
    text = unicodedata.normalize("NFKC", name)
    for found in _BRACKETS.finditer(text):
        place = _place_at(found[1])
        if place is not None and place[1] == len(found[1]):
            places.add(place[0])
            text = text.replace(found[0], "")
    rest = normalise(text)
    while (place := _place_at(rest)) is not None and len(rest) - place[1] >= SHORTEST:
        places.add(place[0])
        rest = rest[place[1] :]
    return CompanyName(rest, frozenset(places - {"中国"}))


def _place_at(text: str) -> tuple[str, int] | None:
    """The place with which `text` begins, and how many characters it takes."""
    for length in range(LONGEST_PLACE, 1, -1):
        if text[:length] in PLACES:
            suffix = _SUFFIX.match(text, length)
            return text[:length], suffix.end() if suffix else length
    named = _NAMED_PLACE.match(text)
    return (named[0].rstrip("省市县"), named.end()) if named else None


def is_trade(text: str) -> bool:
    """Whether a text is made of words for trades and forms alone, which many companies have."""
    if text.isascii():
        for word in LATIN_TRADES:
            text = text.replace(word, "")
        return not text
    while text:
        trade = next((word for word in TRADES if text.startswith(word)), None)
        if trade is None:
            return False
        text = text.removeprefix(trade)
    return True


def shorter_cores(core: str) -> list[str]:
    """What is left of a core when trades at its end are left out: 蓝海食品科技 gives 蓝海食品 and 蓝海."""
    least = 4 if core.isascii() else SHORTEST
    return [core[:end] for end in range(least, len(core)) if is_trade(core[end:])]


def same_company(one: CompanyName, other: CompanyName) -> int:
    """How likely two names mean one company, place and trade aside: 0 to 84. Two different places speak against it."""
    if not one.core or not other.core or (one.places and other.places and not one.places & other.places):
        return 0
    if one.core == other.core:
        return 0 if is_trade(one.core) and one.places != other.places else 84
    if other.core in shorter_cores(one.core) or one.core in shorter_cores(other.core):
        return 70
    return 0
