/**
 * Words of a title that tell its category; the first line that fits counts, so narrow words stand above wide ones. A
 * guess of the plainest kind: it is marked as inferred wherever it is shown.
 */
const words: readonly (readonly [RegExp, string])[] = [
  [
    /\b(case|cover|screen guard|tempered|cable|charger|adapter|adaptor|power ?bank)\b/,
    'electronics.accessory.cable_charger',
  ],
  [/\b(smart ?watch|fitness band|smartband)\b/, 'electronics.wearable.smartwatch'],
  [/\b(headphones?|earphones?|earbuds?|headset|neckband|speaker|soundbar)\b/, 'electronics.audio.headphone'],
  [/\b(tablet|ipad)\b/, 'electronics.mobile.tablet'],
  [/\b(smartphone|mobile phone|mobile|phone)\b/, 'electronics.mobile.smartphone'],
  [/\b(laptop|notebook computer|chromebook)\b/, 'electronics.computing.laptop'],
  [
    /\b(keyboard|mouse|pen ?drive|hard disk|ssd|router|printer|webcam|monitor|memory card|usb hub)\b/,
    'electronics.computing.accessory',
  ],
  [/\b(television|led tv|smart tv|\d{2} ?inch tv)\b/, 'electronics.tv.television'],
  [/\b(camera|tripod|lens)\b/, 'electronics.camera.camera'],
  [/\b(refrigerator|washing machine|air conditioner|dishwasher)\b/, 'home.appliance.large'],
  [/\b(trimmer|shaver|hair dryer|straightener|epilator)\b/, 'beauty.personal.appliance'],
  [
    /\b(mixer|grinder|kettle|iron|heater|fan|vacuum|toaster|juicer|cooktop|geyser|purifier|blender)\b/,
    'home.appliance.small',
  ],
  [/\b(toothbrush|toothpaste|mouthwash)\b/, 'beauty.personal.oral_care'],
  [
    /\b(lipstick|cream|shampoo|serum|perfume|lotion|kajal|nail polish|face ?wash|deodorant|soap|makeup)\b/,
    'beauty.personal.cosmetics',
  ],
  [/\b(bra|panty|panties|briefs?|boxer|lingerie|vest|socks|innerwear)\b/, 'fashion.apparel.innerwear'],
  [
    /\b(kurtas?|kurtis?|sarees?|saris?|salwar|lehenga|dupatta|sherwani|dhoti|ethnic|anarkali)\b/,
    'fashion.apparel.ethnic',
  ],
  [/\b(jeans|trousers?|pants|shorts|leggings?|skirt|pyjamas?|track ?pants)\b/, 'fashion.apparel.bottomwear'],
  [
    /\b(shirts?|t-?shirts?|tops?|dress|jacket|sweater|sweatshirt|hoodie|blouse|blazer|coat|tunic)\b/,
    'fashion.apparel.topwear',
  ],
  [
    /\b(shoes?|sandals?|slippers?|heels|sneakers?|boots?|flip flops|bellies|ballerinas|loafers|flats|wedges)\b/,
    'fashion.footwear.shoes',
  ],
  [
    /\b(necklace|earrings?|ring|bangles?|bracelet|pendant|jewellery|jewelry|mangalsutra|anklet)\b/,
    'fashion.accessory.jewellery',
  ],
  [/\b(watch|watches)\b/, 'fashion.accessory.watch'],
  [/\b(bag|backpack|wallet|handbag|purse|clutch|suitcase|trolley|belt|sunglasses)\b/, 'fashion.accessory.bag'],
  [
    /\b(bed ?sheet|curtains?|towel|pillow|cushion|blanket|quilt|mattress protector|carpet|table cloth)\b/,
    'home.furnishing.textile',
  ],
  [/\b(sofa|chair|table|bed|wardrobe|shelf|cabinet|stool|desk|mattress)\b/, 'home.furniture.furniture'],
  [
    /\b(pan|cooker|knife|bottle|cookware|plates?|mug|lunch box|container|tawa|kadhai|glass(?:es)?|spoons?)\b/,
    'home.kitchen.cookware',
  ],
  [/\b(clock|lamp|vase|wall sticker|painting|poster|showpiece|photo frame|candle|lights?)\b/, 'home.decor.decor'],
  [/\b(toy|doll|puzzle|board game|lego|remote control car|soft toy)\b/, 'toys.general.toy'],
  [/\b(diapers?|baby|infant|stroller|feeding bottle)\b/, 'baby.general.care'],
  [/\b(book|novel|paperback|hardcover)\b/, 'books.general.book'],
  [/\b(cricket|football|yoga|dumbbell|badminton|racket|gym|bicycle|sports?)\b/, 'sports.general.equipment'],
  [/\b(dog|cat|pet|aquarium)\b/, 'pet.general.supply'],
  [/\b(car|bike|motorcycle|tyre|helmet|wiper|automotive)\b/, 'auto.accessory.part'],
  [/\b(pens?|pencil|notebook|diary|stapler|paper|binders?|envelopes?|labels?|folder)\b/, 'office.general.stationery'],
  [/\b(drill|screwdriver|spanner|hammer|tool ?kit|wrench|bulb|tap)\b/, 'tools.hardware.tool'],
  [/\b(thermometer|oximeter|glucometer|nebulizer|blood pressure)\b/, 'health.medical.device'],
  [/\b(tea|coffee|biscuits?|chocolate|snacks?|rice|honey|spices?|dry fruits|oil)\b/, 'grocery.food.packaged'],
]

export function inferCategory(title: string): string {
  const text = title.toLowerCase()
  return words.find(([pattern]) => pattern.test(text))?.[1] ?? 'other.general.general'
}
