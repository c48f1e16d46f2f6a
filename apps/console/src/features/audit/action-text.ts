/** `enrolment-token.created` as a person reads it: "Enrolment token created". */
export function actionText(action: string): string {
  const words = action.replaceAll(/[.-]+/g, ' ').trim();
  return words.charAt(0).toLocaleUpperCase() + words.slice(1);
}
