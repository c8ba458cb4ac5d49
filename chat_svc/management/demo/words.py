"""What people say, in the languages of a town on the Silk Road; put together anew each time from parts."""

GIVEN_NAMES = (
    "Aigerim", "Alisher", "Anna", "Arman", "Aruzhan", "Asel", "Bekzat", "Bota", "Daniyar", "Dina", "Elena", "Erlan",
    "Gulnara", "Ivan", "Kamila", "Karlygash", "Lei", "Madina", "Marat", "Maria", "Mei", "Nikolai", "Nurlan", "Olga",
    "Oskar", "Ravil", "Saltanat", "Sergei", "Sofia", "Svetlana", "Takeshi", "Timur", "Yuki", "Zarina", "Zhanna",
    "Айгүл", "Анна", "Бауыржан", "Виктор", "Динара", "Ерлан", "Жанна", "Игорь", "Лев", "Мария", "Нұрлан", "Ольга",
    "小明", "美玲", "さくら", "陽翔",
)  # fmt: skip
FAMILY_NAMES = (
    "Abdrakhmanov", "Akhmetova", "Baimukhanov", "Becker", "Chen", "Ivanova", "Kassymov", "Kim", "Kuznetsov", "Lee",
    "Nurgaliyeva", "Omarov", "Petrova", "Sadykov", "Sato", "Serikbayeva", "Smirnov", "Suleimenov", "Tanaka", "Volkov",
    "Wang", "Yusupov", "Zhang", "Zhumabayev", "Қасымова", "Ли", "Петров", "Смирнова", "Цой",
)  # fmt: skip
TITLES = (
    "Breakfast", "Chess on Sundays", "Choir", "Class of 2019", "Cycling", "Deploys", "Designers", "Dombra players",
    "English club", "Family", "Film nights", "Football", "Garden", "Hikers", "House 14", "Kitchen", "Library",
    "Market day", "Mountains", "Neighbours", "Night shift", "Parents 3B", "Photographers", "Readers", "Robotics",
    "Running", "Ski weekend", "Tea", "Translators", "Workshop", "Бухгалтерия", "Дача", "Книжный клуб", "Походы",
    "Родители", "Соседи", "Үй", "Жүгіру", "Достар", "周末爬山", "料理の会",
)  # fmt: skip

# Sentences with holes; what fills them stands below, by the same letters.
SENTENCES = {
    "en": (
        "Good morning!", "ok", "Thanks a lot", "See you {when}", "I will bring the {thing} {when}",
        "Has anybody seen the {thing}?", "The {thing} is at the {place}", "Let us meet at the {place} {when}",
        "Running late, start without me", "Who has the key to the {place}?", "That was a lovely evening",
        "Please read this before {when}: {link}", "**Important:** the {place} is closed {when}",
        "I have put the list here: {link}", "The order number is {number}", "`make {thing}` works again",
        "- {thing}\n- {thing}\n- {thing}", "What do you think about the {place}?", "Great idea!", "No, sorry",
        "It costs {number} tenge, which is a lot for a {thing}", "Could you call me about the {thing}?",
        "Yes, of course",
        "My train leaves {when}, so I have to go", "Does somebody know a good {place} for a {thing}?", "haha", "+1",
    ),
    "ru": (
        "Доброе утро!", "ок", "Спасибо большое", "Увидимся {when}", "Я принесу {thing} {when}", "Кто видел {thing}?",
        "Встречаемся у {place} {when}", "Опаздываю, начинайте без меня", "Это был чудесный вечер", "Конечно, да",
        "Прочитайте до завтра: {link}", "**Важно:** {when} никого не будет", "Номер заказа {number}", "Отличная мысль!",
        "Стоит {number} тенге, дороговато", "Позвони мне, когда сможешь", "Поезд уходит {when}, так что мне пора",
        "А кто-нибудь знает хорошее место возле {place}?", "Я не успеваю доделать {thing}, давайте перенесём",
        "Хорошо, договорились", "Нет, извини", "ахаха", "Зелёный чай закончился, купите кто-нибудь", "да", "нет",
    ),
    "kk": (
        "Қайырлы таң!", "Рақмет", "Ертең кездесеміз", "{thing} қайда?", "Жарайды", "Мен {when} келемін", "Иә", "Жоқ",
        "Кешігіп жатырмын, менсіз бастай беріңдер", "Бұл керемет кеш болды", "Тапсырыс нөмірі {number}", "Сау болыңдар",
        "Шай қайнап қалды, келіңдер", "Маған қоңырау шалыңызшы", "Қалада қар жауып тұр", "Мынаны оқыңыз: {link}",
    ),
    "zh": (
        "早上好", "好的", "谢谢大家", "明天见", "我明天带{thing}来", "有人看到{thing}吗?", "今晚一起吃饭吧",
        "我迟到了,你们先开始",
        "订单号是{number}", "请看这里: {link}", "这个周末去爬山怎么样?", "没问题",
        "不好意思,不行", "火车快开了,我先走了",
    ),
    "ja": (
        "おはようございます", "了解です", "ありがとうございます", "また明日", "{thing}を持って行きます",
        "今晩ごはんを食べに行きませんか",
        "少し遅れます、先に始めてください", "注文番号は{number}です",
        "こちらを見てください: {link}", "いいですね", "すみません、無理です",
    ),
}  # fmt: skip
SHARES = {"en": 40, "ru": 38, "kk": 12, "zh": 6, "ja": 4}
THINGS = {
    "en": ("ladder", "camera", "blue folder", "tent", "samovar", "projector", "invoice", "umbrella", "charger",
           "guitar", "report", "recipe", "ticket", "passport", "drill", "kettle", "notebook", "helmet"),
    "ru": ("лестницу", "фотоаппарат", "синюю папку", "палатку", "самовар", "проектор", "счёт", "зонт", "зарядку",
           "гитару", "отчёт", "рецепт", "билет", "паспорт", "дрель", "чайник", "тетрадь", "шлем"),
    "kk": ("кітап", "кілт", "домбыра", "самауыр", "құжат", "билет"),
    "zh": ("梯子", "相机", "帐篷", "雨伞", "吉他", "报告", "护照"),
    "ja": ("カメラ", "傘", "テント", "切符", "報告書"),
}  # fmt: skip
PLACES = {
    "en": ("library", "station", "market", "bakery", "museum", "river", "office", "school", "café", "park"),
    "ru": ("библиотеки", "вокзала", "рынка", "пекарни", "музея", "реки", "офиса", "школы", "парка"),
}
WHENS = {
    "en": ("tomorrow", "on Friday", "at six", "next week", "after lunch", "tonight"),
    "ru": ("завтра", "в пятницу", "в шесть", "на следующей неделе", "после обеда", "вечером"),
    "kk": ("ертең", "жұмада", "кешке", "сағат алтыда"),
}
LINKS = (
    "https://example.org/list",
    "https://example.com/a/b?c=1",
    "https://wiki.example.net/Чай",
    "http://example.org",
)
