/* Indonesian, by the English text. */
export const indonesian = {};
