/** The Chromium that browser tests use: named, the system's, Playwright's, or Playwright's after an install. */
import { accessSync, constants } from 'node:fs'
import path from 'node:path'
import { run } from './toolchain.mjs'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const mac = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
]

/** Answers a path, or null when none can be had. */
export async function findChromium() {
  if (process.env.CHROME_PATH) {
    if (runs(process.env.CHROME_PATH)) return process.env.CHROME_PATH
    throw new Error(`CHROME_PATH names no program: ${process.env.CHROME_PATH}`)
  }
  const folders = ['/usr/bin', '/usr/local/bin', ...(process.env.PATH ?? '').split(path.delimiter)]
  const system = [...folders.flatMap(folder => names.map(name => path.join(folder, name))), ...mac].find(runs)
  if (system) return system
  const { chromium } = await import('playwright-core')
  if (runs(chromium.executablePath())) return chromium.executablePath()
  const { code } = await run('playwright', ['install', 'chromium'], { capture: true })
  return code === 0 && runs(chromium.executablePath()) ? chromium.executablePath() : null
}

function runs(file) {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
