import { nextStepAttribute } from '../../lib/next-step.ts'

export type ActionHere = { readonly label: string; readonly run: () => void }

/** What this page offers to do now: the buttons of its head and of its next step, and nothing that is switched off. */
export function actionsHere(): ActionHere[] {
  const places = `#content [data-page-actions] :is(button, a), #content [${nextStepAttribute}] button`
  const seen = new Set<string>()
  return [...document.querySelectorAll<HTMLElement>(places)].flatMap((element) => {
    const label = (element.getAttribute('aria-label') ?? element.textContent).trim()
    if (label === '' || element.matches(':disabled, [data-disabled]') || seen.has(label)) return []
    seen.add(label)
    return [{ label, run: () => element.click() }]
  })
}
