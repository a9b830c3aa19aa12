/** Asks a team's Gate for leave and gives it back, as consumers do: so many a second, then as fast as it goes. Runs in workerd. */
const ask = (n, provider) => ({
  task: `tsk_${n}`,
  visit: 1,
  run: 1,
  age: n,
  provider,
  cost: 0.001,
  people: [],
  lease: 'l',
  lastsMs: 60_000,
})

export default {
  async fetch(request, env) {
    const { team, waiting, perSecond, seconds, atOnce } = await request.json()
    const gate = () => env.GATES.getByName(team)
    // A line that stands still, so that every decision has one to look through.
    for (let n = 0; n <= waiting; n++) await gate().take(ask(n, 'full'))
    let next = 1_000_000
    const times = []
    const once = async () => {
      const mine = ask(next++, 'bench')
      const began = performance.now()
      const waits = await gate().take(mine)
      times.push(performance.now() - began)
      if (waits !== null) throw new Error(waits.message)
      await gate().end(mine, { end: { kind: 'answered' }, cost: 0.0001, began: Date.now(), flight: 1 })
    }
    const steady = []
    for (let slot = 0; slot < seconds * 20; slot++) {
      for (let n = 0; n < perSecond / 20; n++) steady.push(once())
      await scheduler.wait(50)
    }
    await Promise.all(steady)
    const asked = times.splice(0)
    const began = Date.now()
    let count = 0
    const worker = async () => {
      while (Date.now() - began < 5000) {
        await once()
        count++
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    return Response.json({ asked, flatOut: (count * 1000) / (Date.now() - began) })
  },
}
