export function EditTask() {
  return null;
}
