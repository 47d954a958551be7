import { type Grade, grades } from '#contracts/codes.ts'

/** 0 is the best; quarantine is the worst. */
export function gradeRank(grade: Grade): number {
  return grades.indexOf(grade)
}

export function worseGrade(a: Grade, b: Grade): Grade {
  return gradeRank(a) >= gradeRank(b) ? a : b
}
