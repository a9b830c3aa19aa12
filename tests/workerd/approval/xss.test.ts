/** Whatever comes with a task stays text, on every page that shows it. */
import { afterEach, expect, test } from 'vitest'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { says } from '../../support/engine.ts'
import { PAYLOADS } from '../../support/payloads.ts'
import { eventually, fetchApi } from '../api/client.ts'
import { Browser } from '../team/browser.ts'
import { ANA, aQuestion, choose, drafts, hiddenFields, send } from './world.ts'

afterEach(() => scriptModels(null))

/** The elements that pages of ours are made of; content may bring none of its own but the quiet ones of Markdown. */
const OURS = new Set(
  `html head meta title link script body header main nav footer section article form button input textarea select option
   datalist label div span p h1 h2 h3 h4 h5 h6 a ul ol li dl dt dd details summary strong em s del ins code pre q bdi br hr
   blockquote table thead tbody tr th td time svg use rect dialog kbd small i b mark`.split(/\s+/),
)
/** What a page's charts are drawn of; no other page has them. */
const CHARTS = new Set('figure figcaption g line path circle text'.split(' '))
const ATTRIBUTES = /^(hx-ignore|hx-get|hx-post|hx-target|hx-swap|hx-trigger|hx-push-url|hx-sync)$/

interface Found {
  elements: number
  wrong: string[]
}

/** What a browser would make of the page, as far as it could do harm. */
async function inspect(html: string, besides: ReadonlySet<string> = new Set()): Promise<Found> {
  const found: Found = { elements: 0, wrong: [] }
  const say = (what: string) => found.wrong.push(what)
  const rewriter = new HTMLRewriter().on('*', {
    element(element) {
      found.elements++
      const tag = element.tagName.toLowerCase()
      if (!OURS.has(tag) && !besides.has(tag)) say(`<${tag}>`)
      for (const [name = '', value = ''] of element.attributes) {
        if (/^on/i.test(name) || /^data-hx/i.test(name) || name === 'style' || name === 'srcdoc')
          say(`${tag} ${name}=${value}`)
        if (/^hx-/i.test(name) && !ATTRIBUTES.test(name)) say(`${tag} ${name}=${value}`)
        if (/^hx-(get|post)$/.test(name) && !/^\/(tasks\/|workflows\/|search$|audit\?task=tsk_)/.test(value))
          say(`${tag} ${name}=${value}`)
        if (/^(href|src|action|formaction|xlink:href)$/.test(name) && !isSafe(tag, value))
          say(`${tag} ${name}=${value}`)
      }
      if (tag === 'script' && !/^\/(js|vendor)\/[\w-]+\.js$/.test(element.getAttribute('src') ?? ''))
        say('script of its own')
      if (tag === 'meta' && element.hasAttribute('http-equiv')) say('meta http-equiv')
      if (tag === 'link' && !/^\/(css|favicon)/.test(element.getAttribute('href') ?? '')) say('foreign link')
    },
  })
  await rewriter.transform(new Response(html)).text()
  return found
}

function isSafe(tag: string, value: string): boolean {
  if (tag === 'a') return /^(https?:\/\/|mailto:|\/|#)/i.test(value)
  return value.startsWith('/')
}

const CHUNK = 50
const chunks = Array.from({ length: Math.ceil(PAYLOADS.length / CHUNK) }, (_, n) =>
  PAYLOADS.slice(n * CHUNK, (n + 1) * CHUNK),
)

test('there are at least 300 of them, and the inspection sees through', async () => {
  expect(new Set(PAYLOADS).size).toBeGreaterThanOrEqual(300)
  for (const bad of [
    '<script>x</script>',
    '<a href="javascript:x">',
    '<p onclick=x>',
    '<p style=x>',
    '<p hx-delete="/x">',
    '<img src=x>',
    '<iframe>',
  ]) {
    expect((await inspect(`<div>${bad}</div>`)).wrong.length, bad).toBeGreaterThan(0)
  }
})

test.each(chunks.map((payloads, n) => [n, payloads] as const))(
  'payloads of chunk %i stay text on every page',
  { timeout: 60_000 },
  async (n, payloads) => {
    const title = payloads[n % payloads.length]!.replaceAll('\0', '').trim().slice(0, 190)
    const all = payloads.join('\n\n')
    const fields = payloads
      .map(payload => payload.replaceAll('\0', ''))
      .map((text, at) => [`k${at} ${text}`.slice(0, 100), text])
    const input = { company: 'Nimbus', ...Object.fromEntries(fields) }
    const shaped = n % 2 === 1
    const output = shaped ? Object.fromEntries(payloads.map((payload, at) => [`${at} ${payload}`, payload])) : all
    let drafted = 0
    const definition = drafts({ instructions: '{{ input | json }}' }, shaped ? { output: { type: 'object' } } : {})
    const world = await aQuestion(
      definition,
      () => says(drafted++ === 0 ? output : 'Second draft', { reasoning: all }),
      input,
      title,
    )
    const { task, team, link } = world
    const path = await link(ANA)
    const pages: Record<string, string> = {}
    pages.link = (await fetchApi(path)).text
    pages.again = (await send(path, { ...hiddenFields(pages.link), handoff: 'rejected', note: '', edits: all })).text
    pages.changed = (await send(path, { seen: 'x', handoff: 'approved', note: all.slice(0, 4000), edits: all })).text

    const browser = new Browser()
    expect((await browser.signIn(team.owner)).status).toBe(303)
    await eventually(async () => {
      pages.inbox = (await browser.open('/approvals?show=all')).text
      expect(pages.inbox).toContain(task)
    })
    pages.inside = (await browser.open(`/approvals/${task}`)).text
    pages.edited = String(
      (await choose(path, 'rejected', { note: all.slice(0, 4900), ...(shaped ? {} : { edits: `${all} edited` }) }))
        .status,
    )
    expect(pages.edited).toBe('303')
    pages.decided = (await fetchApi(path)).text
    pages.task = (await browser.open(`/tasks/${task}`)).text
    pages.drawer = (
      await browser.open(`/tasks/${task}`, { headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' } })
    ).text
    pages.move = (await browser.open(`/tasks/${task}?do=move`)).text
    pages.log = (await browser.open(`/tasks/${task}?tab=log`)).text
    pages.event = (await browser.open(`/tasks/${task}?tab=log&seq=1`)).text
    pages.audit = (await browser.open(`/audit?task=${task}`)).text
    pages.search = (await browser.open(`/search?q=${encodeURIComponent(task)}`)).text
    pages.searched = (await browser.open(`/search?q=${encodeURIComponent(all.slice(0, 190))}`)).text
    pages.health = (await browser.open('/health')).text
    pages.metrics = (await browser.open('/metrics')).text
    for (const [name, html] of Object.entries(pages)) {
      const { elements, wrong } = await inspect(html, name === 'metrics' ? CHARTS : undefined)
      expect(wrong, name).toEqual([])
      if (name !== 'edited') expect(elements, name).toBeGreaterThan(20)
    }
    // It is there to be read, not left out.
    expect(pages.task).toContain('alert(1)')
  },
)
