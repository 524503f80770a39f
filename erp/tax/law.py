"""Rates and tax points as the law has them, dated; carried into the tables by a migration."""

from datetime import date

CLASSES = [
    ("standard", "Standard rate", "基本税率"),
    ("reduced", "Reduced rate", "低税率"),
    ("zero", "Zero rate", "零税率"),
]

DE = "UStG § 12"
DE_2020 = "UStG § 28 (Zweites Corona-Steuerhilfegesetz)"
CN = "增值税暂行条例 / 增值税法"

# class, jurisdiction, valid from, rate, source
RATES = [
    ("standard", "DE", date(1983, 7, 1), "0.14", DE),
    ("standard", "DE", date(1993, 1, 1), "0.15", DE),
    ("standard", "DE", date(1998, 4, 1), "0.16", DE),
    ("standard", "DE", date(2007, 1, 1), "0.19", DE),
    ("standard", "DE", date(2020, 7, 1), "0.16", DE_2020),
    ("standard", "DE", date(2021, 1, 1), "0.19", DE),
    ("reduced", "DE", date(1983, 7, 1), "0.07", DE),
    ("reduced", "DE", date(2020, 7, 1), "0.05", DE_2020),
    ("reduced", "DE", date(2021, 1, 1), "0.07", DE),
    ("zero", "DE", date(1983, 7, 1), "0", "UStG § 4"),
    ("standard", "CN", date(1994, 1, 1), "0.17", CN),
    ("standard", "CN", date(2018, 5, 1), "0.16", "财税[2018]32号"),
    ("standard", "CN", date(2019, 4, 1), "0.13", "财政部 税务总局 海关总署公告2019年第39号"),
    ("reduced", "CN", date(1994, 1, 1), "0.13", CN),
    ("reduced", "CN", date(2017, 7, 1), "0.11", "财税[2017]37号"),
    ("reduced", "CN", date(2018, 5, 1), "0.10", "财税[2018]32号"),
    ("reduced", "CN", date(2019, 4, 1), "0.09", "财政部 税务总局 海关总署公告2019年第39号"),
    ("zero", "CN", date(1994, 1, 1), "0", CN),
]

EU_DEPOSITS = "Directive 2006/112/EC Art. 65; UStG § 13 (1) 1 a"
CN_DEPOSITS = "增值税暂行条例实施细则 第三十八条"

# jurisdiction, kind of supply, taxed on, valid from, source
DEPOSIT_RULES = [
    ("DE", "goods", "receipt", date(1980, 1, 1), EU_DEPOSITS),
    ("DE", "services", "receipt", date(1980, 1, 1), EU_DEPOSITS),
    ("DE", "long_build", "receipt", date(1980, 1, 1), EU_DEPOSITS),
    ("CN", "goods", "supply", date(1994, 1, 1), CN_DEPOSITS),
    ("CN", "services", "supply", date(1994, 1, 1), CN_DEPOSITS),
    ("CN", "long_build", "receipt", date(2009, 1, 1), CN_DEPOSITS),
]
