"""The pages' words in Arabic.

What runs from left to right inside a sentence stands between U+2068 and U+2069.
"""

from __future__ import annotations

from collections.abc import Mapping

ARABIC: Mapping[str, str] = {
    # frame
    "skip": "انتقل إلى المحتوى الرئيسي",
    "languages": "اللغات",
    "footer": "تدير هذه الخدمة {organisation}.",
    "optional": "(اختياري)",
    "error.prefix": "خطأ: ",
    "error.hidden": "خطأ:",
    "summary.title": "هناك مشكلة",
    # list
    "list.title": "شارك برأيك",
    "list.none": "لا توجد استمارة مفتوحة في الوقت الحالي.",
    "list.intro": "هذه الاستمارات مفتوحة الآن. لا تحتاج إلى حساب.",
    # questions
    "continue": "متابعة",
    "notice.title": "كيف نستخدم ما تكتبه",
    "text.limit": "أقصى عدد من الأحرف: {number}.",
    "date.day": "اليوم",
    "date.month": "الشهر",
    "date.year": "السنة",
    "date.hint": "مثلًا: اليوم 27، الشهر 3، السنة 2027",
    "choices.hint": "اختر كل ما ينطبق.",
    "files.hint.zero": "لا يمكن إضافة ملفات هنا. الحد {mb} ميغابايت: {types}.",
    "files.hint.one": "ملف واحد لا يتجاوز {mb} ميغابايت: {types}.",
    "files.hint.two": "ملفان كحد أقصى، لا يتجاوز كل منهما {mb} ميغابايت: {types}.",
    "files.hint.few": "{number} ملفات كحد أقصى، لا يتجاوز كل منها {mb} ميغابايت: {types}.",
    "files.hint.many": "{number} ملفًا كحد أقصى، لا يتجاوز كل منها {mb} ميغابايت: {types}.",
    "files.hint.other": "{number} ملف كحد أقصى، لا يتجاوز كل منها {mb} ميغابايت: {types}.",
    "files.kept": "أُضيف: {name}",
    "files.remove": "إزالة {name}",
    "files.add": "أضف ملفًا آخر",
    "files.replace": "اختر ملفًا بديلًا",
    "size.kilobytes": "{number}\u00a0كيلوبايت",
    "size.megabytes": "{number}\u00a0ميغابايت",
    "show.in": "اعرض هذه الصفحة بلغة أخرى. تبقى إجاباتك محفوظة.",
    # check
    "check.title": "راجع إجاباتك",
    "check.lead": "لم يُرسل أي شيء بعد.",
    "check.change": "تغيير",
    "check.change.of": "تغيير: {label}",
    "check.none": "لم تُذكر",
    "check.yes": "نعم",
    "check.send": "أرسل إجاباتك",
    "check.mail": "سنؤكد الاستلام بالبريد الإلكتروني ونرد على {address}.",
    "check.no_mail": "لم تذكر عنوان بريد إلكتروني، لذلك لا نستطيع الرد عليك.",
    # sent
    "sent.title": "أُرسلت إجاباتك",
    "sent.reference": "رقمك المرجعي",
    "sent.keep": "دوّن الرقم المرجعي أو احفظ عنوان هذه الصفحة. لا يظهر فيها شيء مما كتبته.",
    "sent.next": "ماذا يحدث بعد ذلك",
    "sent.mail": "نرسل إليك رسالة إلكترونية تؤكد ذلك. يمكنك الرد عليها، مثلًا لإضافة شيء ما.",
    "sent.no_mail": "لم تذكر عنوان بريد إلكتروني، لذلك لا نستطيع الرد عليك. تصل إجاباتك إلى المعنيين "
    "بالموضوع.",
    "sent.contact": "جهة الاتصال",
    "sent.more": "استمارات أخرى مفتوحة",
    # states and faults
    "retry.prefix": "لم يُرسل بعد: ",
    "retry.title": "لم تُرسل إجاباتك بعد",
    "retry.text": "لم نتمكن من حفظها في هذه اللحظة. ما زالت في هذه الصفحة: انتظر دقيقة ثم اختر «{button}» "
    "مرة أخرى. لا يمكن أن تصل إجاباتك مرتين.",
    "expired.title": "بقيت هذه الصفحة مفتوحة أكثر من يوم",
    "expired.text": "لم يُرسل أي شيء. ما زالت إجاباتك في الأسفل: راجعها واختر «{button}». أما الملفات فيجب "
    "اختيارها من جديد.",
    "gone.title": "الصفحة غير موجودة",
    "gone.text": "لا توجد استمارة هنا، أو أنها لم تعد مفتوحة.",
    "gone.home": "اعرض الاستمارات المفتوحة",
    "foreign.title": "أُرسلت هذه الصفحة من موقع آخر",
    "foreign.text": "لم يُرسل أي شيء. افتح الاستمارة هنا واملأها من جديد.",
    "large.title": "هذا أكثر مما يمكن إرساله دفعة واحدة",
    "large.text": "لم يُرسل أي شيء. أقصى حجم للملفات كلها معًا {mb} ميغابايت. ارجع إلى الوراء واختر ملفات أصغر "
    "أو أقل عددًا.",
    "slow.title": "كان الاتصال بطيئًا جدًا",
    "slow.text": "لم يُرسل أي شيء. ارجع إلى الوراء وحاول مرة أخرى، ربما بملفات أصغر.",
    "strange.title": "لم نتمكن من قراءة ذلك",
    "strange.text": "لم يُرسل أي شيء. ارجع إلى الوراء وحاول مرة أخرى.",
    "busy.title": "عدد كبير من الناس يرسلون ملفات الآن",
    "busy.text": "لم يُرسل أي شيء. انتظر دقيقة ثم ارجع إلى الوراء وحاول مرة أخرى.",
    "fault.title": "هناك مشكلة في هذه الخدمة",
    "fault.text": "لم يُرسل أي شيء آخر. انتظر بضع دقائق ثم ارجع إلى الوراء وحاول مرة أخرى.",
}
