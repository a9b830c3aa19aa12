/* Sets the chosen theme before the first paint; system, light, dark in turn. A classic script, as modules run too late. */
;(() => {
  const root = document.documentElement
  const order = ['system', 'light', 'dark']
  root.dataset.js = ''

  function chosen() {
    try {
      const theme = localStorage.getItem('baton.theme')
      return order.includes(theme) ? theme : 'system'
    } catch {
      return 'system'
    }
  }

  function apply(theme) {
    if (theme === 'system') delete root.dataset.theme
    else root.dataset.theme = theme
    for (const toggle of document.querySelectorAll('[data-theme-toggle]')) {
      toggle.setAttribute('aria-label', `Theme: ${theme}`)
      toggle.title = `Theme: ${theme}`
      toggle.querySelector('use')?.setAttribute('href', `/icons.svg#theme-${theme}`)
    }
  }

  apply(chosen())
  document.addEventListener('DOMContentLoaded', () => apply(chosen()))
  addEventListener('storage', () => apply(chosen()))
  document.addEventListener('click', event => {
    if (!event.target.closest?.('[data-theme-toggle]')) return
    const theme = order[(order.indexOf(chosen()) + 1) % order.length]
    try {
      localStorage.setItem('baton.theme', theme)
    } catch {
      // Without storage it holds for this page.
    }
    apply(theme)
  })
})()
