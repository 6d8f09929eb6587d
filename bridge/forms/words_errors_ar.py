"""What is wrong with an answer and how to mend it, in Arabic."""

from __future__ import annotations

from collections.abc import Mapping

ARABIC: Mapping[str, str] = {
    # nothing was answered
    "missing.any": "اكتبوا إجابة عن «{label}»",
    "missing.name": "أدخلوا اسمكم",
    "missing.number": "أدخلوا رقمًا في «{label}»",
    "missing.date": "أدخلوا تاريخًا في «{label}»",
    "missing.email": "أدخلوا عنوان بريد إلكتروني",
    "missing.phone": "أدخلوا رقم هاتف",
    "missing.address": "أدخلوا عنوانًا في «{label}»",
    "missing.radios": "اختاروا إجابة عن «{label}»",
    "missing.select": "اختاروا إجابة عن «{label}»",
    "missing.checkboxes": "اختاروا إجابة واحدة على الأقل عن «{label}»",
    "missing.ranking": "اختاروا مرتبة لكل إجابة عن «{label}»",
    "missing.agreement": "ضعوا علامة في المربع «{label}» للمتابعة",
    "missing.file": "اختاروا ملفًا في «{label}»",
    # text
    "error.long": "أقصى عدد من الأحرف في «{label}» هو {max}، وقد كتبتم {number}.",
    "error.email": "أدخلوا عنوان البريد الإلكتروني بالصيغة \u2068name@example.org\u2069",
    "error.phone": "أدخلوا رقم هاتف، مثل \u20660123\u00a0456\u00a0789\u2069"
    " أو \u2066+49\u00a0123\u00a0456789\u2069",
    "error.address.lacks": "أدخلوا أيضًا {parts} في «{label}»",
    "error.address.street": "الشارع ورقم المنزل",
    "error.address.postcode": "الرمز البريدي",
    "error.address.town": "المدينة",
    # numbers
    "error.number": "أدخلوا في «{label}» رقمًا، مثل {sample}",
    "error.number.whole": "أدخلوا في «{label}» عددًا صحيحًا بلا كسور",
    "error.number.decimals": "أقصى عدد من المنازل العشرية في «{label}» هو {decimals}",
    "error.number.least": "أدخلوا في «{label}» العدد {least} أو أكثر",
    "error.number.most": "أدخلوا في «{label}» العدد {most} أو أقل",
    "error.number.between": "أدخلوا في «{label}» عددًا بين {least} و{most}",
    # choices
    "error.option": "اختاروا إحدى الإجابات المعروضة عن «{label}»",
    "error.alone": "اختاروا في «{label}» إما «{alone}» وحدها وإما إجابات أخرى، لا كلتيهما معًا",
    "error.most.one": "اختاروا إجابة واحدة فقط عن «{label}»",
    "error.most.two": "اختاروا إجابتين على الأكثر عن «{label}»",
    "error.most.few": "اختاروا {number} إجابات على الأكثر عن «{label}»",
    "error.most.many": "اختاروا {number} إجابة على الأكثر عن «{label}»",
    "error.most.other": "اختاروا {number} إجابة على الأكثر عن «{label}»",
    "error.place": "اختاروا مرتبة من 1 إلى {places} للإجابة «{option}»",
    "error.place.twice": "المرتبة {place} معطاة لكل من «{first}» و«{second}». أعطوا كل إجابة مرتبة خاصة بها",
    # dates
    "error.date.lacks": "أدخلوا أيضًا {parts} في «{label}»",
    "error.date.day": "اليوم",
    "error.date.month": "الشهر",
    "error.date.year": "السنة",
    "error.date.year4": "اكتبوا السنة في «{label}» بأربعة أرقام، مثل 2027",
    "error.date.real": "أدخلوا في «{label}» تاريخًا موجودًا في التقويم",
    "error.date.earliest": "أدخلوا في «{label}» تاريخ {earliest} أو تاريخًا بعده",
    "error.date.latest": "أدخلوا في «{label}» تاريخ {latest} أو تاريخًا قبله",
    "error.date.between": "أدخلوا في «{label}» تاريخًا بين {earliest} و{latest}",
    # files
    "error.file.large": "يجب ألا يتجاوز حجم الملف «{name}» {mb} ميغابايت",
    "error.file.empty": "الملف «{name}» فارغ. اختاروا ملفًا آخر",
    "error.file.type": "يجب أن يكون الملف «{name}» من أحد هذه الأنواع: {types}",
    "error.file.number.one": "يمكنكم إضافة ملف واحد. لم يُضف الملف «{name}»",
    "error.file.number.two": "يمكنكم إضافة ملفين. لم يُضف الملف «{name}»",
    "error.file.number.few": "يمكنكم إضافة {number} ملفات كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.number.many": "يمكنكم إضافة {number} ملفًا كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.number.other": "يمكنكم إضافة {number} ملف كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.total": "يجب ألا يتجاوز حجم الملفات كلها معًا {mb} ميغابايت. لم يُضف الملف «{name}»",
}
