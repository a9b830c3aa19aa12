/** The board's page and the workflows page, as they come without a script. */
import { beforeAll, describe, expect, it } from 'vitest'
import { aTask, aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

let team: Team
let browser: Browser

beforeAll(async () => {
  team = await aTeam()
  browser = new Browser()
  await browser.signIn(team.owner)
})

const count = (text: string, part: string) => text.split(part).length - 1
const column = (text: string, key: string) => text.split(`id="col-${key}"`)[1]?.split('</section>')[0] ?? ''

describe('a board of 2,000 open tasks', () => {
  let workflow: string

  beforeAll(async () => {
    workflow = await aWorkflow(team, { name: 'Big' })
    const card = JSON.stringify({ why: 'It waits.', act: 'decide', attempt: 1, enteredAt: 0, asks: [] })
    const rows = Array.from({ length: 2000 }, (_, n) => {
      const step = n % 4 === 0 ? 'again' : n % 401 === 0 ? 'gone' : 'review'
      const status = n % 10 === 1 ? 'stuck' : n % 3 === 0 ? 'running' : 'waiting'
      return { id: `tsk_${String(n).padStart(26, 'a')}`, n, step, status, card: card.replace('0', String(n)) }
    })
    for (let at = 0; at < rows.length; at += 500) {
      await env.DB.prepare(
        `INSERT INTO tasks (id, team, workflow, version, title, status, step, visit, over, seq, created_at, updated_at, card)
         SELECT value->>'id', ?1, ?2, 1, 'Task ' || (value->>'n'), value->>'status', value->>'step', 1, 0, 1, value->>'n', 1, value->>'card'
         FROM json_each(?3)`,
      )
        .bind(team.id, workflow, JSON.stringify(rows.slice(at, at + 500)))
        .run()
    }
  })

  it('shows 50 cards a column, true counts, and where the others are', async () => {
    const { status, text } = await browser.open(`/workflows/${workflow}`)
    expect(status).toBe(200)
    const again = column(text, 'again')
    expect(count(again, '<article')).toBe(50)
    expect(again).toMatch(/data-total="true"[^>]*title="500 here, 167 running">167\/500</)
    expect(again).toMatch(
      /<a href="\/workflows\/wf_\w+\?step=again&amp;page=2"><span data-more="true">450<\/span> more/,
    )
    expect(column(text, 'review')).toContain('title="1497 here, ')
    expect(column(text, '-')).toContain('title="3 here, ')
    expect(column(text, '-')).toContain('Other steps')
    expect(text.length).toBeLessThan(400_000)
  })

  it('puts what a person must see to first, then what came last', async () => {
    const { text } = await browser.open(`/workflows/${workflow}`)
    const states = [...column(text, 'review').matchAll(/data-card="tsk_a*(\d+)" data-state="(\w+)"/g)]
    expect(new Set(states.map(([, , state]) => state))).toEqual(new Set(['stuck']))
    expect(states.map(([, n]) => Number(n))).toEqual(states.map(([, n]) => Number(n)).sort((a, b) => b - a))
  })

  it('lists a column a page at a time', async () => {
    const { text } = await browser.open(`/workflows/${workflow}?step=again&page=10`)
    expect(count(text, '<article')).toBe(50)
    expect(text).toContain('451–500 of 500 tasks')
    expect(text).not.toContain('rel="next"')
    expect((await browser.open(`/workflows/${workflow}?step=-`)).text).toContain('1–3 of 3 tasks')
    expect((await browser.open(`/workflows/${workflow}?step=nope`)).status).toBe(404)
  })

  it('is filtered by its address', async () => {
    const { text } = await browser.open(`/workflows/${workflow}?q=task+199&stuck=1`)
    expect(column(text, 'review')).toContain('title="1 here, ')
    expect(text).toContain('Task 1991')
    expect(text).toContain('data-filtered')
    const mine = await browser.open(`/workflows/${workflow}?assignee=me`)
    expect(count(mine.text, '<article')).toBe(0)
    expect(mine.text).toContain('Nothing here matches the filter.')
  })
})

describe('a board', () => {
  it('answers another team, and nobody, nothing of it', async () => {
    const workflow = await aWorkflow(team)
    const other = new Browser()
    await other.signIn((await aTeam()).owner)
    expect((await other.open(`/workflows/${workflow}`)).status).toBe(404)
    const nobody = await new Browser().open(`/workflows/${workflow}`)
    expect([nobody.status, nobody.location]).toEqual([303, `/sign-in?next=%2Fworkflows%2F${workflow}`])
  })

  it('says where each step routes to and which is a dead end', async () => {
    const steps = [
      { key: 'a', name: 'First', prompt: 'x', handoffs: [{ if: 'input.big', to: 'b' }, { to: 'complete' }] },
      { key: 'b', name: 'Second', prompt: 'x', handoffs: [{ when: 'failed', to: 'a' }] },
    ]
    const { text } = await browser.open(`/workflows/${await aWorkflow(team, { input: undefined, steps })}`)
    expect(column(text, 'a')).toMatch(/Routes to:.*if input\.big.*Second.*otherwise.*Complete/s)
    expect(column(text, 'b')).toContain('Add next step')
    expect(column(text, 'b')).toContain('nothing comes next')
    expect(column(text, 'a')).not.toContain('Add next step')
  })

  it('lets what people wrote stay text', async () => {
    const workflow = await aWorkflow(team)
    const payloads = [
      '<script>alert(1)</script>',
      '<a hx-get="/sign-out" hx-trigger="load">x</a>',
      '"><img src=x onerror=alert(1)>',
    ]
    for (const payload of payloads) await aTask(team, workflow, payload)
    await eventually(async () => {
      const { text } = await browser.open(`/workflows/${workflow}`)
      expect(count(text, '<article')).toBe(3)
      expect(text).not.toMatch(/<script>|<img|<a hx-get="\/sign-out/)
      expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    })
    const searched = await browser.open(`/workflows/${workflow}?q=${encodeURIComponent('"><script>alert(1)</script>')}`)
    expect(searched.text).not.toContain('<script>alert')
  })

  it('is paused and activated, in these words', async () => {
    const workflow = await aWorkflow(team)
    expect((await browser.send(`/workflows/${workflow}/pause`, {})).location).toBe(`/workflows/${workflow}`)
    const { text } = await browser.open(`/workflows/${workflow}`)
    expect(text.replaceAll('&#39;', "'")).toContain(
      "This workflow is paused. Tasks already running keep going, but new ones won't start until you activate it.",
    )
    const refused = await browser.send(`/workflows/${workflow}/tasks`, { company: 'Acme' })
    expect(refused.status).toBe(422)
    await browser.send(`/workflows/${workflow}/activate`, {})
    expect((await browser.open(`/workflows/${workflow}`)).text).not.toContain('This workflow is paused')
  })
})

describe('a new task by hand', () => {
  it('starts from the form of the input schema, once however often it is sent', async () => {
    const workflow = await aWorkflow(team)
    const form = await browser.open(`/workflows/${workflow}/tasks/new`)
    expect(form.text).toContain('Add a single task to this workflow by hand.')
    expect(form.text).toContain('name="company"')
    const key = /name="_key" value="([^"]+)"/.exec(form.text)![1]!
    for (let times = 0; times < 2; times++) {
      const sent = await browser.send(`/workflows/${workflow}/tasks`, {
        company: 'Kite',
        _key: key,
        _title: 'Kite & Co',
      })
      expect([sent.status, sent.location]).toEqual([303, `/workflows/${workflow}`])
    }
    await eventually(async () => {
      const { text } = await browser.open(`/workflows/${workflow}`)
      expect(count(text, '<article')).toBe(1)
      expect(text).toContain('Kite &amp; Co')
    })
  })

  it('is told in place what is wrong', async () => {
    const workflow = await aWorkflow(team, {
      input: { type: 'object', required: ['email'], properties: { email: { type: 'string', format: 'email' } } },
    })
    const sent = await browser.send(`/workflows/${workflow}/tasks`, { email: 'no address' })
    expect(sent.status).toBe(422)
    expect(sent.text).toMatch(/id="task-email-error".*This must be an e-mail address/s)
    expect(sent.text).toContain('value="no address"')
  })
})

describe('the workflows page', () => {
  it('teaches while there are none', async () => {
    const fresh = new Browser()
    await fresh.signIn((await aTeam()).owner)
    const { text } = await fresh.open('/workflows')
    expect(text).toContain(
      'No workflows yet. Create one to run tasks through a sequence of steps — each handled by a prompt, an agent, or a person.',
    )
    expect(text).toContain(
      'Run tasks through ordered steps — each handled by a prompt, an agent, or a person — so repeat work always follows the same path.',
    )
    expect(text.replaceAll(/\s+/g, ' ')).toContain(
      'Each step is handled by either a prompt, an agent, or a human — pick one: prompt — a text request (no tools, no context) · agent — one of your agents (has its own tools and context) · human — a person you assign (work pauses until they act). Tasks move through the steps in order. The badge on each step shows who does the work.',
    )
    expect(text).toContain('the task rests until a time or an event.')
  })

  it('finds by name and status, and counts what is open', async () => {
    const own = await aTeam()
    const person = new Browser()
    await person.signIn(own.owner)
    const workflow = await aWorkflow(own, { name: 'Lead nurturing' })
    await aWorkflow(own, { name: 'Hiring' })
    await aTask(own, workflow)
    await eventually(async () => {
      const { text } = await person.open('/workflows?q=LEAD')
      expect(text).toContain('Lead nurturing')
      expect(text).not.toContain('Hiring')
      expect(text).toContain(`/workflows/${workflow}?status=waiting`)
    })
    expect((await person.open('/workflows?status=paused')).text).toContain('No workflow matches.')
  })

  it('makes a workflow whose empty board says what to do, and publishes the example', async () => {
    expect((await browser.send('/workflows/new', { name: ' ' })).text).toContain('A workflow needs a name.')
    const made = await browser.send('/workflows/new', { name: 'Weekly: "report"', description: 'x: y' })
    expect(made.location).toMatch(/^\/workflows\/wf_\w+\/edit$/)
    const at = made.location!.replace(/\/edit$/, '')
    const board = await browser.open(at)
    expect(board.text).toContain('This board has no steps yet')
    const shown = async (path: string) =>
      /name="revision" value="(\w+)"/.exec((await browser.open(at + path)).text)?.[1] ?? ''
    await browser.send(`${at}/edit/example`, { revision: await shown('/edit') })
    const published = await browser.send(`${at}/publish`, { revision: await shown('/publish') })
    expect([published.status, published.location]).toEqual([303, at])
    const live = await browser.open(at)
    expect(live.text).toContain('id="col-draft"')
    expect(live.text).toContain('Weekly: &quot;report&quot;')
  })
})
