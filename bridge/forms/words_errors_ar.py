"""What is wrong with an answer and how to mend it, in Arabic."""

from __future__ import annotations

from collections.abc import Mapping

ARABIC: Mapping[str, str] = {
    # nothing was answered
    "missing.any": "اكتب إجابة عن «{label}»",
    "missing.name": "أدخل اسمك",
    "missing.number": "أدخل رقمًا في «{label}»",
    "missing.date": "أدخل تاريخًا في «{label}»",
    "missing.email": "أدخل عنوان بريد إلكتروني",
    "missing.phone": "أدخل رقم هاتف",
    "missing.address": "أدخل عنوانًا في «{label}»",
    "missing.radios": "اختر إجابة عن «{label}»",
    "missing.select": "اختر إجابة عن «{label}»",
    "missing.checkboxes": "اختر إجابة واحدة على الأقل عن «{label}»",
    "missing.ranking": "اختر مرتبة لكل إجابة عن «{label}»",
    "missing.agreement": "ضع علامة في المربع «{label}» للمتابعة",
    "missing.file": "اختر ملفًا في «{label}»",
    # text
    "error.long": "أقصى عدد من الأحرف في «{label}» هو {max}، وقد كتبت {number}.",
    "error.email": "أدخل عنوان البريد الإلكتروني بالصيغة \u2068name@example.org\u2069",
    "error.phone": "أدخل رقم هاتف، مثل \u20680123 456 789\u2069 أو \u2068+49 123 456789\u2069",
    "error.address.lacks": "أدخل أيضًا {parts} في «{label}»",
    "error.address.street": "الشارع ورقم المبنى",
    "error.address.postcode": "الرمز البريدي",
    "error.address.town": "المدينة",
    # numbers
    "error.number": "أدخل في «{label}» رقمًا، مثل {sample}",
    "error.number.whole": "أدخل في «{label}» عددًا صحيحًا بلا كسور",
    "error.number.decimals": "أقصى عدد من المنازل العشرية في «{label}» هو {decimals}",
    "error.number.least": "أدخل في «{label}» العدد {least} أو أكثر",
    "error.number.most": "أدخل في «{label}» العدد {most} أو أقل",
    "error.number.between": "أدخل في «{label}» عددًا بين {least} و{most}",
    # choices
    "error.option": "اختر إحدى الإجابات المعروضة عن «{label}»",
    "error.alone": "اختر في «{label}» إما «{alone}» وحدها وإما إجابات أخرى، لا كلتيهما معًا",
    "error.most.zero": "لا تختر أي إجابة عن «{label}»",
    "error.most.one": "اختر إجابة واحدة فقط عن «{label}»",
    "error.most.two": "اختر إجابتين على الأكثر عن «{label}»",
    "error.most.few": "اختر {number} إجابات على الأكثر عن «{label}»",
    "error.most.many": "اختر {number} إجابة على الأكثر عن «{label}»",
    "error.most.other": "اختر {number} إجابة على الأكثر عن «{label}»",
    "error.place": "اختر مرتبة من 1 إلى {places} للإجابة «{option}»",
    "error.place.twice": "المرتبة {place} معطاة لكل من «{first}» و«{second}». أعط كل إجابة مرتبة خاصة بها",
    # dates
    "error.date.lacks": "أدخل أيضًا {parts} في «{label}»",
    "error.date.day": "اليوم",
    "error.date.month": "الشهر",
    "error.date.year": "السنة",
    "error.date.year4": "اكتب السنة في «{label}» بأربعة أرقام، مثل 2027",
    "error.date.real": "أدخل في «{label}» تاريخًا موجودًا في التقويم",
    "error.date.earliest": "أدخل في «{label}» تاريخ {earliest} أو تاريخًا بعده",
    "error.date.latest": "أدخل في «{label}» تاريخ {latest} أو تاريخًا قبله",
    "error.date.between": "أدخل في «{label}» تاريخًا بين {earliest} و{latest}",
    # files
    "error.file.large": "يجب ألا يتجاوز حجم الملف «{name}» {mb} ميغابايت",
    "error.file.empty": "الملف «{name}» فارغ. اختر ملفًا آخر",
    "error.file.type": "يجب أن يكون الملف «{name}» من أحد هذه الأنواع: {types}",
    "error.file.number.zero": "لا يمكن إضافة ملفات هنا. لم يُضف الملف «{name}»",
    "error.file.number.one": "يمكنك إضافة ملف واحد. لم يُضف الملف «{name}»",
    "error.file.number.two": "يمكنك إضافة ملفين. لم يُضف الملف «{name}»",
    "error.file.number.few": "يمكنك إضافة {number} ملفات كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.number.many": "يمكنك إضافة {number} ملفًا كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.number.other": "يمكنك إضافة {number} ملف كحد أقصى. لم يُضف الملف «{name}»",
    "error.file.total": "يجب ألا يتجاوز حجم الملفات كلها معًا {mb} ميغابايت. لم يُضف الملف «{name}»",
}
