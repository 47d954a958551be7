"""From the catalogue's top categories to our category ids; words of the name choose within one that is wider than ours."""

from __future__ import annotations

OURS: dict[str, dict] = {
    "Automotive": {"default": "auto.accessory.part", "words": []},
    "Baby Care": {
        "default": "baby.general.care",
        "words": [(r"\b(toy|rattle|puzzle)", "toys.general.toy"), (r"\b(shoe|bootie)", "fashion.footwear.shoes")],
    },
    "Bags, Wallets & Belts": {"default": "fashion.accessory.bag", "words": []},
    "Beauty and Personal Care": {
        "default": "beauty.personal.cosmetics",
        "words": [
            (r"\b(tooth ?brush|toothpaste|mouthwash)", "beauty.personal.oral_care"),
            (r"\b(trimmer|shaver|hair (dryer|straightener|curler)|epilator)", "beauty.personal.appliance"),
        ],
    },
    "Cameras & Accessories": {"default": "electronics.camera.camera", "words": []},
    "Clothing": {
        "default": "fashion.apparel.topwear",
        "words": [
            (r"\b(bra|panty|panties|brief|briefs|boxer|vest|lingerie|thong|camisole|bikini|sock|socks)\b", "fashion.apparel.innerwear"),
            (r"\b(saree|sari|kurta|kurti|lehenga|salwar|dupatta|sherwani|churidar|anarkali)s?\b", "fashion.apparel.ethnic"),
            (r"\b(jeans?|trousers?|leggings?|jeggings?|shorts?|skirt|capri|pyjama|track pants?|pants?|cargos?)\b", "fashion.apparel.bottomwear"),
        ],
    },
    "Computers": {
        "default": "electronics.computing.accessory",
        "words": [(r"\b(laptop|notebook) (bag|skin|sleeve|battery|adapter|charger|cooling)", "electronics.computing.accessory"),
                  (r"\b(laptop|notebook|chromebook|ultrabook)\b.*\b(gb|core|intel|amd)\b", "electronics.computing.laptop")],
    },
    "eBooks": {"default": "books.general.book", "words": []},
    "Footwear": {"default": "fashion.footwear.shoes", "words": []},
    "Furniture": {"default": "home.furniture.furniture", "words": []},
    "Gaming": {"default": "toys.general.toy", "words": []},
    "Health & Personal Care Appliances": {
        "default": "beauty.personal.appliance",
        "words": [(r"\b(monitor|thermometer|nebulizer|glucometer|massager)", "health.medical.device")],
    },
    "Home & Kitchen": {"default": "home.kitchen.cookware", "words": []},
    "Home Decor & Festive Needs": {"default": "home.decor.decor", "words": []},
    "Home Entertainment": {
        "default": "electronics.audio.headphone",
        "words": [(r"\b(tv|television|led)\b", "electronics.tv.television")],
    },
    "Home Furnishing": {"default": "home.furnishing.textile", "words": []},
    "Home Improvement": {"default": "tools.hardware.tool", "words": []},
    "Jewellery": {"default": "fashion.accessory.jewellery", "words": []},
    "Kitchen & Dining": {
        "default": "home.kitchen.cookware",
        "words": [(r"\b(mixer|grinder|juicer|kettle|toaster|induction|blender|oven|coffee maker)\b", "home.appliance.small")],
    },
    "Mobiles & Accessories": {
        "default": "electronics.accessory.cable_charger",
        "words": [
            (r"\b(cover|case|charger|cable|guard|holder|power bank|pouch|skin|stand|battery|adapter|protector)\b",
             "electronics.accessory.cable_charger"),
            (r"\b(headphones?|headset|earphones?|ear ?buds?)\b", "electronics.audio.headphone"),
            (r"\b(tablet|ipad)\b", "electronics.mobile.tablet"),
            (r"\b(smart ?watch|fitness band)\b", "electronics.wearable.smartwatch"),
            (r"\b\d+ ?gb\b|\b(mobile phone|smartphone|dual sim)\b", "electronics.mobile.smartphone"),
        ],
    },
    "Pens & Stationery": {"default": "office.general.stationery", "words": []},
    "Pet Supplies": {"default": "pet.general.supply", "words": []},
    "Sports & Fitness": {"default": "sports.general.equipment", "words": []},
    "Sunglasses": {"default": "fashion.accessory.watch", "words": []},
    "Tools & Hardware": {"default": "tools.hardware.tool", "words": []},
    "Toys & School Supplies": {
        "default": "toys.general.toy",
        "words": [(r"\b(pencil|pen|notebook|eraser|geometry)\b", "office.general.stationery")],
    },
    "Watches": {"default": "fashion.accessory.watch", "words": []},
}
