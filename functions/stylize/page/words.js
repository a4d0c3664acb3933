// What the page says, in English and Chinese. Elements name their words: data-word for text, data-label for aria-label.

const en = {
  sample: "coffee.jpg", tools: "Tools", wall: "The wall", shelf: "Photos", works: "Paintings",
  tag: "One photo, four paintings, made in this page. The photo stays on this device.",
  hang: "Hang a photo", camera: "Camera", lights: "Lights", otherLanguage: "中文",
  full: "Paint it full size", enter: "Dark room", save: "Save", saveAll: "Save all", sheet: "Contact sheet",
  link: "Copy link", share: "Share", command: "As a command",
  sameness: "The kernels that paint here are those of the cloud. At full size, before JPEG compression, the pixels are the same, for ordinary 8-bit JPEG and opaque PNG.",
  letGo: "Let go to hang it", close: "Close",
  photo: "The photo", sketch: "Sketch", "color-pencil": "Color pencil", oil: "Oil", watercolor: "Watercolor",
  "photo-medium": "Photograph", "sketch-medium": "Graphite on paper", "color-pencil-medium": "Colored pencil on paper",
  "oil-medium": "Oil on canvas", "watercolor-medium": "Watercolor and ink on paper",
  after: "after {name}", toFront: "{work}: bring to the front", toRoom: "{work}: take to the dark room",
  painted: "{name} is painted.", painting: "Painting {name}…",
  wipe: "Wipe between photo and painting", lens: "Loupe: the arrow keys move it", loupe: "Loupe 1:1",
  reset: "As it was", print: "The print", leave: "Back to the wall",
  "pencil-sigma-s": "Reach of a stroke", "pencil-sigma-r": "Contrast that ends it", "pencil-shade": "Lightness",
  "oil-size": "Brush", "oil-levels": "Tones that blend", "watercolor-sigma-s": "Reach of a wash",
  "watercolor-sigma-r": "Edges it crosses", strength: "Strength",
  quality: "Size", hd: "as it came", smooth: "1200 px", fast: "800 px, drawings only", format: "File",
  "encode-quality": "File quality", styles: "On the wall",
  here: "Here", cloud: "In the cloud", paintHere: "Paint here", paintCloud: "Upload and paint",
  key: "API key, kept in this browser",
  hereSays: "Nothing leaves this device. Takes some {seconds} s and {megabytes} MB of memory.",
  hereTooLarge: "Needs {megabytes} MB of memory, more than this browser should be asked for. Choose a smaller print in the dark room{orCloud}.",
  orCloud: ", or the cloud",
  hereCannot: "This browser has no WebAssembly with SIMD, so it can’t paint. A newer one can.",
  hereHeic: "This browser can’t decode this photo. The cloud can.",
  cloudSays: "The photo is uploaded to this studio’s own storage, painted there, and the paintings come back.",
  fullSize: "{name}: {width} × {height} pixels.", fullOf: "{width} × {height} in full", notShown: "this browser can’t show it",
  uploading: "Uploading: {percent} %", waiting: "Uploaded. Painting…", ready: "{n} of {all} paintings are ready",
  done: "All are hung at full size.", saved: "Saved.", copied: "Copied.", linkCopied: "The link is copied. It carries the recipe, not the photo.",
  commandSays: "The same recipe, from a terminal.", copy: "Copy", bySelf: "With the API", byCli: "On your machine", byS3: "Into the photos bucket",
  otherFormat: "This browser can’t write {format}: saved as {got}. The cloud can.",
  cannotDecode: "{name} can’t be decoded here. Expected JPEG, PNG, WebP, AVIF or GIF.",
  heic: "{name}: this browser can’t decode HEIC.", offerCloud: "Paint it in the cloud", noSimd: "This browser has no WebAssembly with SIMD, so the page can’t paint.",
  badLink: "The recipe in this link can’t be read ({message}); the usual one is used.",
  failed: "That did not work: {message}", offline: "The cloud can’t be reached. Look at the connection and try again.",
  leftOut: "Saved, but for {names}: these can’t be painted here.", remove: "Take {name} down",
  refused: {
    not_authorized: "The API key was not accepted. Look at it and enter it again.",
    photo_too_large: "The photo is too large for this studio ({message}). A smaller copy will do.",
    unreadable_photo: "The file is damaged or is not a photo ({message}). Open it elsewhere and save it as JPEG.",
    unsupported_format: "This studio does not read the format ({message}). Save the photo as JPEG or PNG.",
    bad_recipe: "The recipe was not understood ({message}).",
    photo_not_found: "The photo was gone before it was painted. Upload it again.",
    too_many_requests: "The studio is busy. Try again in a minute.",
    quota_exceeded: "The key’s allowance for now is used up. Try again later.",
    timeout: "The studio took too long. The paintings may still come: try again in a minute.",
    other: "The cloud could not paint it ({message}).",
  },
};

const zh = {
  sample: "咖啡.jpg", tools: "工具", wall: "画墙", shelf: "照片", works: "画作",
  tag: "一张照片，四幅画，就在本页绘成。照片不会离开这台设备。",
  hang: "挂上照片", camera: "拍照", lights: "灯光", otherLanguage: "English",
  full: "绘制原尺寸", enter: "进暗房", save: "保存", saveAll: "全部保存", sheet: "小样", link: "复制链接", share: "分享", command: "命令行",
  sameness: "这里作画的内核与云端相同。原尺寸、JPEG 压缩之前，像素逐一相同（普通 8 位 JPEG 与不透明 PNG）。",
  letGo: "松手即挂上", close: "关闭",
  photo: "照片", sketch: "素描", "color-pencil": "彩铅", oil: "油画", watercolor: "水彩",
  "photo-medium": "摄影", "sketch-medium": "纸上石墨", "color-pencil-medium": "纸上彩色铅笔",
  "oil-medium": "布面油彩", "watercolor-medium": "纸上水彩与墨线",
  after: "摹自 {name}", toFront: "{work}：移到前面", toRoom: "{work}：带进暗房",
  painted: "{name} 已画好。", painting: "正在画 {name}…",
  wipe: "在照片与画作之间擦拭", lens: "放大镜：用方向键移动", loupe: "放大镜 1:1",
  reset: "恢复原样", print: "成品", leave: "回到画墙",
  "pencil-sigma-s": "笔触长度", "pencil-sigma-r": "收笔反差", "pencil-shade": "明亮",
  "oil-size": "画笔", "oil-levels": "色调合并", "watercolor-sigma-s": "晕染范围", "watercolor-sigma-r": "越过边缘", strength: "浓度",
  quality: "尺寸", hd: "原尺寸", smooth: "1200 像素", fast: "800 像素，仅两幅素描", format: "文件", "encode-quality": "文件质量", styles: "挂在墙上",
  here: "在这里", cloud: "在云端", paintHere: "在这里画", paintCloud: "上传并绘制", key: "API 密钥，保存在本浏览器",
  hereSays: "一切留在这台设备上。约需 {seconds} 秒和 {megabytes} MB 内存。",
  hereTooLarge: "需要 {megabytes} MB 内存，超出本浏览器的承受。请在暗房里选较小的成品{orCloud}。", orCloud: "，或交给云端",
  hereCannot: "本浏览器没有带 SIMD 的 WebAssembly，无法作画。较新的浏览器可以。",
  hereHeic: "本浏览器无法解码这张照片，云端可以。",
  cloudSays: "照片会上传到本画室自己的存储，在那里作画，然后把画送回来。",
  fullSize: "{name}：{width} × {height} 像素。", fullOf: "原尺寸 {width} × {height}", notShown: "此浏览器无法显示",
  uploading: "上传中：{percent} %", waiting: "已上传，正在作画…", ready: "已完成 {n} 幅，共 {all} 幅",
  done: "原尺寸的画都已挂上。", saved: "已保存。", copied: "已复制。", linkCopied: "链接已复制。其中只有配方，没有照片。",
  commandSays: "同一配方，在终端里使用。", copy: "复制", bySelf: "通过 API", byCli: "在你的机器上", byS3: "放进照片存储桶",
  otherFormat: "本浏览器不能写 {format}，已存为 {got}。云端可以。",
  cannotDecode: "无法在这里解码 {name}。可用 JPEG、PNG、WebP、AVIF 或 GIF。",
  heic: "{name}：本浏览器无法解码 HEIC。", offerCloud: "交给云端", noSimd: "本浏览器没有带 SIMD 的 WebAssembly，本页无法作画。",
  badLink: "读不懂链接里的配方（{message}），改用通常的配方。",
  failed: "没有成功：{message}", offline: "连不上云端。请检查网络后再试。",
  leftOut: "已保存，但 {names} 无法在这里绘制。", remove: "取下 {name}",
  refused: {
    not_authorized: "API 密钥未被接受。请核对后重新输入。",
    photo_too_large: "照片对本画室来说太大（{message}）。请换小一些的副本。",
    unreadable_photo: "文件已损坏或不是照片（{message}）。请在别处打开并存为 JPEG。",
    unsupported_format: "本画室不读这种格式（{message}）。请存为 JPEG 或 PNG。",
    bad_recipe: "读不懂配方（{message}）。",
    photo_not_found: "照片在作画前不见了。请重新上传。",
    too_many_requests: "画室正忙。请一分钟后再试。",
    quota_exceeded: "密钥的额度已用完。请稍后再试。",
    timeout: "画室用时过长。画可能稍后完成，请一分钟后再试。",
    other: "云端没能画成（{message}）。",
  },
};

const LANGUAGES = { en, zh };

export let language = remembered() ?? (navigator.language.startsWith("zh") ? "zh" : "en");

/** The words of `name`, with what is in braces filled in. */
export function say(name, given = {}) {
  const words = name.split(".").reduce((at, key) => at?.[key], LANGUAGES[language]) ?? name;
  return words.replace(/\{(\w+)\}/g, (_, key) => given[key] ?? "");
}

/** Whether there are words of that name. */
export const hasWords = (name) => say(name) !== name;

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  try {
    localStorage.setItem("atelier-language", language);
  } catch {
    // A browser that keeps nothing forgets it.
  }
  writeWords();
}

/** Puts the words of the language into every element that names some. */
export function writeWords(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = say(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.ariaLabel = say(element.dataset.label);
  for (const element of root.querySelectorAll("#language")) element.lang = language === "zh" ? "en" : "zh-Hans";
}

function remembered() {
  try {
    return [localStorage.getItem("atelier-language")].find((name) => name in LANGUAGES);
  } catch {
    return undefined;
  }
}
