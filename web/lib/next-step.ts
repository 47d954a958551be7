/** Set on the panels that hold what can be done now. */
export const nextStepAttribute = 'data-next-step'

/** After a command the next one may stand far from where the last button was. */
export function showNextStep(): void {
  requestAnimationFrame(() => {
    const step = document.querySelector<HTMLElement>(`[${nextStepAttribute}]`)
    step?.scrollIntoView({ block: 'start' })
    step?.focus({ preventScroll: true })
  })
}
