// A few emoji by their short names: those that status messages are made of. Others show as text.

const BY_NAME = {
  "+1": "👍", "-1": "👎", alarm_clock: "⏰", arrow_down: "⬇️", arrow_forward: "▶️", arrow_left: "⬅️",
  arrow_right: "➡️", arrow_up: "⬆️", bar_chart: "📊", bell: "🔔", blue_heart: "💙", bookmark: "🔖", books: "📚",
  boom: "💥", brain: "🧠", bug: "🐛", bulb: "💡", calendar: "📅", chart_with_upwards_trend: "📈",
  chart_with_downwards_trend: "📉", clap: "👏", clipboard: "📋", clock3: "🕒", cloud: "☁️", computer: "💻",
  construction: "🚧", dart: "🎯", desktop_computer: "🖥️", dollar: "💵", eyes: "👀", file_folder: "📁", fire: "🔥",
  gear: "⚙️", green_circle: "🟢", hammer_and_wrench: "🛠️", hand: "✋", heart: "❤️", heavy_check_mark: "✔️",
  heavy_minus_sign: "➖", heavy_plus_sign: "➕", hourglass: "⌛", hourglass_flowing_sand: "⏳",
  information_source: "ℹ️", key: "🔑", label: "🏷️", large_blue_circle: "🔵", large_green_circle: "🟢",
  large_orange_circle: "🟠", large_red_square: "🟥", large_yellow_circle: "🟡", link: "🔗", lock: "🔒", mag: "🔍",
  memo: "📝", money_with_wings: "💸", moneybag: "💰", mute: "🔇", new: "🆕", no_entry: "⛔", no_entry_sign: "🚫",
  ok: "🆗", ok_hand: "👌", package: "📦", page_facing_up: "📄", paperclip: "📎", pencil2: "✏️", point_right: "👉",
  pray: "🙏", pushpin: "📌", question: "❓", raised_hand: "✋", recycle: "♻️", red_circle: "🔴", repeat: "🔁",
  robot_face: "🤖", rocket: "🚀", rotating_light: "🚨", round_pushpin: "📍", school: "🏫", shield: "🛡️", slightly_smiling_face: "🙂",
  smile: "😄", sos: "🆘", sparkles: "✨", star: "⭐", stop_sign: "🛑", stopwatch: "⏱️", tada: "🎉", test_tube: "🧪",
  thinking_face: "🤔", thumbsdown: "👎", thumbsup: "👍", timer_clock: "⏲️", unlock: "🔓", warning: "⚠️", wave: "👋",
  white_check_mark: "✅", white_circle: "⚪", wrench: "🔧", x: "❌", zap: "⚡", zzz: "💤",
};

/** The character of `:name:`, or the name with its colons. */
export const emoji = (name) => BY_NAME[name] ?? `:${name}:`;

export const isEmoji = (name) => Object.hasOwn(BY_NAME, name);
