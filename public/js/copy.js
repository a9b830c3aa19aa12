/* `<button data-copy="text">` copies the text and says so. */
import { announce } from './toast.js'

document.addEventListener('click', async event => {
  const button = event.target.closest?.('[data-copy]')
  if (!button) return
  const use = button.querySelector('use')
  try {
    await navigator.clipboard.writeText(button.dataset.copy)
    use?.setAttribute('href', '/icons.svg#check')
    announce('Copied')
  } catch {
    announce('Copying is not allowed here; select the text instead')
  }
  setTimeout(() => use?.setAttribute('href', '/icons.svg#copy'), 1600)
})
