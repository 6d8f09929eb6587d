"""The words of a submission's own page, of its confirmation and of its downloads, in Arabic."""

from __future__ import annotations

from collections.abc import Mapping

ARABIC: Mapping[str, str] = {
    # the confirmation
    "case.sent.title": "أُرسلت إجاباتكم",
    "case.sent.reference": "الرقم المرجعي",
    "case.sent.next": "ماذا يحدث بعد ذلك",
    "case.sent.next.text": "يقرأ المختصون إجاباتكم. ستجدون ردّهم وكل ما يستجد في صفحة مشاركتكم.",
    "case.sent.page": "صفحة مشاركتكم",
    "case.sent.page.text": "ترون فيها ما آلت إليه مشاركتكم، ويمكنكم أن تكتبوا إلينا من جديد وأن تحصلوا على "
    "بياناتكم. لا تحتاجون إلى حساب: عنوان الصفحة هو المفتاح. احتفظوا به ولا تُطلعوا عليه أحدًا.",
    "case.sent.page.open": "فتح صفحة مشاركتكم",
    "case.sent.page.code": "العنوان في شكل رمز تقرؤه كاميرا الهاتف",
    "case.sent.more": "استمارات أخرى مفتوحة",
    "case.copy.title": "نسختكم",
    "case.copy.pdf": "تنزيل نسخة من إجاباتكم (PDF)",
    "case.copy.receipt": "تنزيل الإيصال (JSON)",
    "case.copy.digest": "بصمة SHA-256 للإيصال",
    "case.copy.digest.why": "بهذا الرقم يستطيع من يحمل الإيصال أن يُثبت ما أُرسل وأنه لم يتغيّر منذ ذلك الحين.",
    # the e-mail address
    "case.mail.title": "أكّدوا عنوان بريدكم الإلكتروني",
    "case.mail.sent": "أرسلنا رسالة إلى {address}. افتحوها واتبعوا رابطها ثم اختاروا «{button}».",
    "case.mail.sent.none": "لم يصلكم شيء؟ ابحثوا في مجلد الرسائل غير المرغوب فيها، أو اطلبوا إرسال الرسالة "
    "مرة أخرى.",
    "case.mail.soon": "نرسل الآن رسالة إلى {address}. افتحوها واتبعوا رابطها ثم اختاروا «{button}».",
    "case.mail.waiting": "أرسلنا اليوم رسالة إلى {address}. ستُرسل الرسالة التالية في {moment}: افتحوها "
    "واتبعوا رابطها ثم اختاروا «{button}».",
    "case.mail.failed": "تعذّر تسليم رسالتنا إلى {address}. ستجدون الردود في صفحة مشاركتكم.",
    "case.mail.before": "لن يقرأ أحد مشاركتكم قبل ذلك.",
    "case.mail.after": "لن يُرسل شيء منها بالبريد الإلكتروني قبل ذلك. ستجدون الردود في صفحة مشاركتكم.",
    "case.mail.remind": "إرسال الرسالة مرة أخرى",
    # the confirmation of an address
    "case.confirm.title": "أكّدوا عنوان بريدكم الإلكتروني",
    "case.confirm.what": "أُرسلت الاستمارة «{title}» في {moment}، وذُكر فيها العنوان {address}.",
    "case.confirm.yours": "هل أنتم من أرسلها؟ أكّدوا ذلك إذن. ستُرسل الردود بعد ذلك إلى هذا العنوان.",
    "case.confirm.button": "تأكيد",
    "case.confirm.not_you": "هل أرسلها شخص آخر؟ لا تفعلوا شيئًا إذن وأغلقوا هذه الصفحة.",
    "case.confirm.done.title": "هذا العنوان مؤكَّد من قبل",
    "case.confirm.done.text": "لا يلزمكم فعل شيء آخر. لم يعد الرابط الوارد في الرسالة ضروريًا.",
    "case.confirm.gone.title": "لم يعد هذا الرابط يؤكّد شيئًا",
    "case.confirm.gone.text": "إنه قديم جدًا أو غير كامل. انسخوا الرابط كاملًا من الرسالة، أو افتحوا صفحة "
    "مشاركتكم واطلبوا إرسال الرسالة مرة أخرى.",
    # the page
    "case.title": "مشاركتكم {reference}",
    "case.state": "الحالة",
    "case.sent_on": "أُرسلت في {moment}",
    "case.gone.title": "لا توجد مشاركة هنا",
    "case.gone.text": "العنوان غير كامل، أو أُعطيت الصفحة عنوانًا جديدًا، أو مُحي ما كانت تعرضه. تجدون "
    "عنوانها في الرسائل المتعلقة بمشاركتكم.",
    "case.state.unconfirmed": "في انتظاركم",
    "case.state.unconfirmed.text": "أكّدوا أولًا عنوان بريدكم الإلكتروني. لن يقرأ أحد مشاركتكم قبل ذلك.",
    "case.state.held": "قيد النظر أولًا",
    "case.state.held.text": "ينظر أحد العاملين لدينا في مشاركتكم قبل أن تصل إلى المختصين. لا يلزمكم فعل شيء.",
    "case.state.received": "وصلت",
    "case.state.received.text": "مشاركتكم لدينا، وهي في طريقها إلى المختصين.",
    "case.state.refused": "لم تُقبل",
    "case.state.refused.text": "قرّر العاملون لدينا عدم متابعة هذه المشاركة.",
    "case.state.open": "قيد المعالجة",
    "case.state.open.text": "مشاركتكم لدى المختصين. سيظهر ردّهم هنا.",
    "case.state.answered": "تم الرد عليها",
    "case.state.answered.text": "تجدون الرد أدناه. يمكنكم الكتابة من جديد.",
    "case.state.closed": "أُغلقت",
    "case.state.closed.text": "أغلق العاملون لدينا هذا الملف. لا يزال بإمكانكم الكتابة إلينا هنا.",
    "case.state.withdrawn": "سحبتموها",
    "case.state.withdrawn.text": "سحبتم مشاركتكم، ولم يعد أحد يعمل عليها.",
    "case.state.forgotten": "مُحيت",
    "case.state.forgotten.text": "مُحي ما كنتم قد أرسلتموه إلينا.",
    # what happened
    "case.log.title": "ما الذي حدث",
    "case.log.you": "أنتم",
    "case.log.staff": "العاملون",
    "case.log.of": "{who}، {organisation}",
    "case.log.changed": "غيّرتم إجابة",
    "case.log.waiting": "في الطريق",
    "case.log.files": "الملفات",
    "case.log.file": "{name} ({size})",
    "case.log.download": "تنزيل {name} ({size})",
    "case.log.none": "لم يُذكر",
    # what happened of itself or by a button
    "step_received": "وصلت مشاركتكم",
    "step_confirmed": "أكّدتم عنوان بريدكم الإلكتروني",
    "step_by_mail": "اخترتم أن تصلكم الردود بالبريد الإلكتروني أيضًا",
    "step_by_page": "اخترتم أن تكون الردود في هذه الصفحة فقط",
    "step_withdrawn": "سحبتم مشاركتكم",
    "step_erase": "طلبتم محو كل شيء",
    "step_reopened": "عاد العمل على مشاركتكم",
    # writing
    "case.write.title": "اكتبوا إلينا",
    "case.write.label": "رسالتكم",
    "case.write.hint": "يمكنكم كتابة ما لا يزيد على {max} حرف.",
    "case.write.files": "الملفات",
    "case.write.files.hint": "عدد الملفات: {number} على الأكثر، وحجم كل منها {mb} ميغابايت على الأكثر: "
    "{types}.",
    "case.write.send": "إرسال الرسالة",
    "case.write.missing": "اكتبوا رسالة أو اختاروا ملفًا",
    "case.write.long": "يجب ألا تزيد الرسالة على {max} حرف. عدد ما كتبتموه: {number}.",
    # choices
    "case.choice.title": "تغيير شيء",
    "case.choice.answers": "إجاباتكم",
    "case.choice.answers.text": "يمكنكم تغييرها ما دامت الاستمارة مفتوحة. يرى العاملون ما غيّرتموه.",
    "case.choice.answers.show": "عرض إجاباتكم",
    "case.choice.answers.button": "تغيير إجاباتكم",
    "case.choice.answers.closed": "الاستمارة مغلقة. اكتبوا إلينا إذا لزم تغيير إجابة.",
    "case.choice.reach": "كيف تصلكم الردود",
    "case.choice.reach.mail": "بالبريد الإلكتروني إلى {address}، وفي هذه الصفحة.",
    "case.choice.reach.page": "في هذه الصفحة فقط.",
    "case.choice.reach.unconfirmed": "في هذه الصفحة، وبالبريد الإلكتروني إلى {address} بعد أن تؤكّدوا "
    "العنوان.",
    "case.choice.by_page": "في هذه الصفحة فقط من الآن فصاعدًا",
    "case.choice.by_mail": "بالبريد الإلكتروني أيضًا من الآن فصاعدًا",
    "case.choice.language": "لغتكم",
    "case.choice.language.text": "نخاطبكم بهذه اللغة في رسائلنا وفي هذه الصفحة.",
    "case.choice.language.button": "حفظ اللغة",
    "case.choice.address": "عنوان جديد لهذه الصفحة",
    "case.choice.address.text": "هل رأى شخص آخر عنوان هذه الصفحة؟ أعطوها عنوانًا جديدًا.",
    "case.choice.address.button": "إنشاء عنوان جديد",
    "case.data.title": "بياناتكم",
    "case.data.html": "كل شيء للقراءة (HTML)",
    "case.data.json": "كل شيء للبرامج (JSON)",
    "case.data.withdraw": "سحب المشاركة",
    "case.data.erase": "طلب محو كل شيء",
    # pages in between
    "case.ask.withdraw": "هل تريدون سحب مشاركتكم؟",
    "case.ask.withdraw.text": "لن يعمل عليها أحد بعد ذلك. يرى العاملون أنكم سحبتموها، ويبقى ما قرؤوه من "
    "قبل مقروءًا لديهم. تبقى هذه الصفحة لكم.",
    "case.ask.withdraw.button": "سحب المشاركة",
    "case.ask.erase": "هل تريدون محو كل شيء؟",
    "case.ask.erase.goes": "ما سيُمحى",
    "case.ask.erase.goes.text": "اسمكم وعنوانكم وإجاباتكم ورسائلكم وملفاتكم وردودنا عليكم وهذه الصفحة. "
    "وتُزال كلماتكم من الغرف التي قرأها فيها العاملون.",
    "case.ask.erase.stays": "ما سيبقى",
    "case.ask.erase.stays.text": "قرأت الجهات التي تعمل معًا على هذا الموضوع كلماتكم على أجهزتها. لا "
    "نستطيع استرجاع ما نُسخ أو دُوّن هناك. ويبقى الرقم المرجعي رقمًا فحسب حتى لا يُعطى مرة أخرى.",
    "case.ask.erase.how": "كيف تسير الأمور بعد ذلك",
    "case.ask.erase.how.text": "ينظر العاملون لدينا في طلبكم ويقرّرون. تقرؤون في هذه الصفحة ما قرّروه "
    "وسببه خلال شهر على الأكثر. وبعد محو كل شيء لن تبقى هذه الصفحة: نزّلوا بياناتكم قبل ذلك إن أردتم "
    "الاحتفاظ بها.",
    "case.ask.erase.how.now": "لم يعمل أحد على مشاركتكم بعد. يُمحى كل شيء فورًا، ولن تبقى هذه الصفحة: "
    "نزّلوا بياناتكم قبل ذلك إن أردتم الاحتفاظ بها.",
    "case.ask.erase.button": "طلب محو كل شيء",
    "case.ask.erase.button.now": "محو كل شيء الآن",
    "case.ask.address": "هل تريدون إعطاء هذه الصفحة عنوانًا جديدًا؟",
    "case.ask.address.text": "لن يفتح العنوان القديم شيئًا بعد ذلك، لا لكم ولا لغيركم، ولن تقود إلى هنا "
    "الروابط الواردة في رسائل سابقة. سترون العنوان الجديد فورًا: احتفظوا به.",
    "case.ask.address.button": "إنشاء عنوان جديد",
    # what was done
    "case.done.title": "تم",
    "case.done.write": "أُرسلت رسالتكم، وهي ظاهرة أدناه.",
    "case.done.change": "أُرسلت تغييراتكم.",
    "case.done.language": "حُفظت لغتكم.",
    "case.done.by_mail": "ستصلكم الردود بالبريد الإلكتروني أيضًا من الآن فصاعدًا. إذا لم يكن عنوانكم "
    "مؤكَّدًا بعد فسنرسل إليكم رسالة لذلك أولًا.",
    "case.done.by_page": "ستجدون الردود في هذه الصفحة فقط من الآن فصاعدًا.",
    "case.done.remind": "نرسل الرسالة مرة أخرى، رسالة واحدة في اليوم على الأكثر.",
    "case.done.confirm": "تأكّد عنوان بريدكم الإلكتروني. شكرًا لكم.",
    "case.done.withdraw": "سُحبت مشاركتكم.",
    "case.done.erase": "طلبتم محو كل شيء. يقرّر العاملون ويجيبونكم في هذه الصفحة.",
    "case.done.erase.now": "يجري محو مشاركتكم، وهذه الصفحة معها.",
    "case.done.revoke": "أُعطيت هذه الصفحة عنوانًا جديدًا. احتفظوا به: لم يعد العنوان القديم يفتح شيئًا.",
    "case.done.soon": "قد يمر نحو دقيقة قبل أن يظهر ذلك في بقية هذه الصفحة.",
    "case.late.title": "كانت هذه الصفحة مفتوحة أكثر من يوم",
    "case.late.text": "لم يُرسل شيء. اختاروا من جديد ما تريدون فعله: ما كتبتموه ما زال هنا.",
    "case.retry.title": "لم يُرسل شيء بعد",
    "case.retry.text": "لم نستطع حفظه في هذه اللحظة. انتظروا دقيقة ثم اختاروا الشيء نفسه من جديد. لا يمكن "
    "أن يصل مرتين.",
    # the download to read
    "case.whole.title": "كل ما يتعلق بمشاركتكم {reference}",
    "case.whole.made": "حتى {moment}",
}
