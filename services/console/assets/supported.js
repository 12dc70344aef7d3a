// Stands first in the body, so that nothing is shown that GOV.UK's script then hides.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) document.body.classList.add("govuk-frontend-supported");
