/** Files of the decision data that may be changed as the program runs; emissions belong to the ESG method, priors to a model. */
export const policyParts = ['policy', 'channels', 'fees', 'transport', 'constraints'] as const
export type PolicyPart = (typeof policyParts)[number]
