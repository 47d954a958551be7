// The content security policy allows no style elements but those of the built page. Style elements that our own scripts make
// (dialogs that lock the scrolling, layouts of a component) become adopted style sheets instead, which it knows to be ours.
// What somebody else gets into a page as markup is not made here, and stays without effect.
;(() => {
  // Schemas are compiled by `new Function` unless told otherwise; the policy forbids that too.
  globalThis.__zod_globalConfig = { jitless: true }
  const standIn = 'sr-style'
  const sheets = new Map()
  const publish = () => {
    document.adoptedStyleSheets = [...sheets.values()].map(({ sheet }) => sheet)
  }
  const adopt = (element, text) => {
    const known = sheets.get(element)
    if (known?.text === text) return
    const sheet = known?.sheet ?? new CSSStyleSheet()
    sheet.replaceSync(text)
    sheets.set(element, { sheet, text })
    if (known === undefined) publish()
  }
  // oxlint-disable-next-line typescript/unbound-method -- It is called with its document.
  const make = Document.prototype.createElement
  Document.prototype.createElement = function (name, options) {
    if (String(name).toLowerCase() !== 'style') return make.call(this, name, options)
    const element = make.call(this, standIn)
    element.hidden = true
    return element
  }
  // A style element of the page itself that is given another text keeps its own, switched off.
  for (const [owner, property] of [
    [Element.prototype, 'innerHTML'],
    [Node.prototype, 'textContent'],
  ]) {
    const own = Object.getOwnPropertyDescriptor(owner, property)
    Object.defineProperty(HTMLStyleElement.prototype, property, {
      configurable: true,
      get() {
        return sheets.get(this)?.text ?? own.get.call(this)
      },
      set(text) {
        if (this.sheet) this.sheet.disabled = true
        adopt(this, String(text))
      },
    })
  }
  const look = () => {
    for (const element of document.getElementsByTagName(standIn)) adopt(element, element.textContent)
    let isLess = false
    for (const element of sheets.keys()) {
      if (element.isConnected) continue
      sheets.delete(element)
      isLess = true
    }
    if (isLess) publish()
  }
  new MutationObserver((records) => {
    const isOurs = (node) =>
      sheets.has(node) || node.localName === standIn || (node.querySelector?.(standIn) ?? null) !== null
    const touches = ({ target, addedNodes, removedNodes }) =>
      isOurs(target) ||
      (target.parentNode !== null && isOurs(target.parentNode) && target.nodeType === 3) ||
      [...addedNodes, ...removedNodes].some(isOurs)
    if (records.some(touches)) look()
  }).observe(document, { subtree: true, childList: true, characterData: true })
})()
