"""HTML that tries to run a script, or to do what no citizen may, in whoever looks at it.

One attempt a line, in the spelling of Python's `unicode_escape`.
"""

from __future__ import annotations

_LINES = r"""
<script>alert(1)</script>
<SCRIPT>alert(1)</SCRIPT>
<script/x>alert(1)</script>
<script\n>alert(1)</script\n>
<scr<script>ipt>alert(1)</scr</script>ipt>
<<script>alert(1)//<</script>
<script>alert(1)
</p><script>alert(1)
<script src=//home.example/x.js></script>
<script type=module>alert(1)</script>
<svg><script>alert(1)</svg>
<script\x00>alert(1)</script>
<scr\x00ipt>alert(1)</script>
\ufeff<script>alert(1)</script>
<\u017fcript>alert(1)</script>
<img src=x onerror=alert(1)>
<img/src=x/onerror=alert(1)>
<img src=x onerror='alert(1)'//
<img src="x`" onerror=alert(1)>
<p onclick=alert(1)>x</p>
<a onmouseover=alert(1)>x</a>
<a href=# onclick=alert(1)>x</a>
<body onload=alert(1)>
<svg onload=alert(1)>
<svg/onload=alert(1)>
<details open ontoggle=alert(1)>
<video><source onerror=alert(1)>
<input autofocus onfocus=alert(1)>
<marquee onstart=alert(1)>
<select onfocus=alert(1) autofocus>
<x onclick=alert(1)>y</x>
<p title="><img src=x onerror=alert(1)>">x</p>
<p data-x='<img src=x onerror=alert(1)>'>x</p>
<p\x0conclick=alert(1)>x</p>
<a href=javascript:alert(1)>x</a>
<a href='JaVaScRiPt:alert(1)'>x</a>
<a href=' javascript:alert(1)'>x</a>
<a href='java\tscript:alert(1)'>x</a>
<a href='java\nscript:alert(1)'>x</a>
<a href='&#106;avascript:alert(1)'>x</a>
<a href='&#x6A;avascript&colon;alert(1)'>x</a>
<a href='\x01javascript:alert(1)'>x</a>
<a href='javascript&#0058;alert(1)'>x</a>
<a href='vbscript:alert(1)'>x</a>
<a href='data:text/html,<script>alert(1)</script>'>x</a>
<a href='file:///x'>x</a>
<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>
<a href='blob:x'>x</a>
<a href='intent:x'>x</a>
<a href='//home.example'>x</a>
<a href='/x'>x</a>
<a xlink:href='javascript:alert(1)'>x</a>
<a href='ms-word:ofe|u|x'>x</a>
<a href='https://matrix.to/#/@officer:alder.example'>x</a>
<a href='matrix:u/officer:alder.example'>x</a>
<iframe src=javascript:alert(1)></iframe>
<iframe srcdoc='<script>alert(1)</script>'></iframe>
<object data=javascript:alert(1)>
<embed src=javascript:alert(1)>
<form action=javascript:alert(1)><button>x</button></form>
<isindex action=javascript:alert(1)>
<meta http-equiv=refresh content='0;javascript:alert(1)'>
<base href=javascript:alert(1)//>
<link rel=import href=x>
<button formaction=javascript:alert(1)>x</button>
<portal src=x></portal>
<frameset onload=alert(1)>
<applet code=x>
<input type=password name=p>
<textarea>x
<dialog open>x</dialog>
<slot name=x>
<custom-element>x
<style>*{background:url(javascript:alert(1))}</style>
<p style=background:url(javascript:alert(1))>x</p>
<p style='width:expression(alert(1))'>x</p>
<p style='position:fixed;inset:0'>x</p>
<font color=red size=99>x</font>
<style><!--</style><script>alert(1)</script>-->
<style><img src='</style><img src=x onerror=alert(1)>'></style>
<noscript><p title='</noscript><img src=x onerror=alert(1)>'>
<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>
<svg></p><style><a id='</style><img src=x onerror=alert(1)>'>
<math><mi xlink:href='javascript:alert(1)'>x</mi></math>
<svg><style>&lt;img src=x onerror=alert(1)&gt;
<svg><a xlink:href=javascript:alert(1)><text>x</text></a></svg>
<svg><animate onbegin=alert(1) attributeName=x>
<svg><foreignObject><img src=x onerror=alert(1)></foreignObject></svg>
<form><math><mtext></form><form><mglyph><style></math><img src=x onerror=alert(1)>
<template><img src=x onerror=alert(1)></template>
<title><img src=x onerror=alert(1)></title>
<xmp><img src=x onerror=alert(1)></xmp>
<plaintext><img src=x onerror=alert(1)>
<!--><img src=x onerror=alert(1)>-->
<!-- --!><img src=x onerror=alert(1)>
<![CDATA[<img src=x onerror=alert(1)>]]>
<!--[if IE]><script>alert(1)</script><![endif]-->
<?xml version='1.0'?><img src=x onerror=alert(1)>
<!DOCTYPE x [<!ENTITY y '<script>alert(1)</script>'>]>&y;
<table><td><script>alert(1)
<select><option><script>alert(1)
<ul><li><script>alert(1)
<pre><code><script>alert(1)
<a href='x'<img src=x onerror=alert(1)>>
<p <script>alert(1)</script>>
<"><img src=x onerror=alert(1)>
<p/><img src=x onerror=alert(1)//
&lt;script&gt;alert(1)&lt;/script&gt;
&amp;lt;script&amp;gt;alert(1)
&#60;script&#62;alert(1)&#60;/script&#62;
&lt;img src=x onerror=alert(1)&gt;
<blockquote cite=javascript:alert(1)>x</blockquote>
<ol start='1" onload=x'>
<ol start=javascript:1><li>x</ol>
<code class='language-x' onload=x>y
<mx-reply><a href='https://matrix.to/#/!r/$e'>x</a></mx-reply>y
@room <span data-mx-ping>x</span>
<span data-mx-spoiler>x</span>
<img src='mxc://alder.example/x'>
<font data-mx-color=#ff0000>x</font>
<a href='https://matrix.to/#/%40o:alder.example'>x</a>
<div data-mx-maths='x'>y</div>
"""

CORPUS = [line.encode("ascii").decode("unicode_escape") for line in _LINES.strip().split("\n")]
