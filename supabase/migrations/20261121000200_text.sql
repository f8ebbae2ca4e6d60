-- Written by npm run db:build from supabase/schemas/text/: edit there.

-- schemas/text/words_and_limits.sql

-- Words that columns may hold and numbers that inputs are held to: their one home. `npm run db:types` takes them to
-- TypeScript, with their comments.

create function private.max_message_length() returns integer language sql immutable set search_path = '' return 1000;
comment on function private.max_message_length() is 'Most characters of a message, note, comment or reason.';

create function private.max_address_length() returns integer language sql immutable set search_path = '' return 500;
comment on function private.max_address_length() is 'Most characters of a postal address.';

create function private.max_picture_name_length() returns integer language sql immutable set search_path = ''
return 100;
comment on function private.max_picture_name_length() is 'Most characters of a picture''s name before its extension.';

create function private.max_metadata_bytes() returns integer language sql immutable set search_path = '' return 8192;
comment on function private.max_metadata_bytes() is 'Most bytes of metadata as JSON text.';

create function private.max_phone_number_length() returns integer language sql immutable set search_path = '' return 50;
comment on function private.max_phone_number_length() is 'Most characters of a phone number.';

create function private.inner_word_length() returns integer language sql immutable set search_path = '' return 8;
comment on function private.inner_word_length() is
  'Characters that the search compares at once in scripts without spaces.';

-- schemas/text/characters.sql

-- Room: text. Written by npm run db:build from dev/schemas/characters.ts: edit there.

create function private.space_characters() returns text language sql immutable set search_path = '' return
  '\u0009-\u000D\u0020\u0085\u00A0\u115F-\u1160\u1680\u2000-\u200A\u2028-\u2029\u202F\u205F\u2800\u3000'
  '\u3164\uFFA0\uFFFC\U00013441-\U00013442\U0001D159';
comment on function private.space_characters() is
  'White space of every kind, and what looks like it.';

create function private.ignorable_characters() returns text language sql immutable set search_path = '' return
  '\u0001-\u0008\u000E-\u001F\u007F-\u0084\u0086-\u009F\u00AD\u034F\u061C\u17B4-\u17B5\u180B-\u180F'
  '\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFDD0-\uFDEF\uFE00-\uFE0F\uFEFF\uFFF0-\uFFFB\uFFFE-\uFFFF'
  '\U00013430-\U0001343F\U0001BCA0-\U0001BCA3\U0001D173-\U0001D17A\U0001FFFE-\U0001FFFF'
  '\U0002FFFE-\U0002FFFF\U0003FFFE-\U0003FFFF\U0004FFFE-\U0004FFFF\U0005FFFE-\U0005FFFF'
  '\U0006FFFE-\U0006FFFF\U0007FFFE-\U0007FFFF\U0008FFFE-\U0008FFFF\U0009FFFE-\U0009FFFF'
  '\U000AFFFE-\U000AFFFF\U000BFFFE-\U000BFFFF\U000CFFFE-\U000CFFFF\U000DFFFE-\U000E0FFF'
  '\U000EFFFE-\U000EFFFF\U000FFFFE-\U000FFFFF\U0010FFFE-\U0010FFFF';
comment on function private.ignorable_characters() is
  'What shows nothing, not even a gap: joiners, selectors, tags, direction marks, controls.';

create function private.edge_characters() returns text language sql immutable set search_path = '' return
  '\u0009-\u000D\u0020\u0085\u00A0\u00AD\u061C\u1680\u180E\u2000-\u200B\u200E-\u200F\u2028-\u202C\u202F'
  '\u205F-\u2064\u2066-\u206F\u2800\u3000\u3164\uFEFF\uFFA0\uFFFC\U0001BCA0-\U0001BCA3'
  '\U0001D173-\U0001D17A';
comment on function private.edge_characters() is
  'What is trimmed from both ends of a text: white space, and what copying leaves around it.';

create function private.control_characters() returns text language sql immutable set search_path = '' return
  '\u0001-\u0008\u000B-\u000C\u000E-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069\uFDD0-\uFDEF'
  '\uFFFE-\uFFFF\U0001FFFE-\U0001FFFF\U0002FFFE-\U0002FFFF\U0003FFFE-\U0003FFFF\U0004FFFE-\U0004FFFF'
  '\U0005FFFE-\U0005FFFF\U0006FFFE-\U0006FFFF\U0007FFFE-\U0007FFFF\U0008FFFE-\U0008FFFF'
  '\U0009FFFE-\U0009FFFF\U000AFFFE-\U000AFFFF\U000BFFFE-\U000BFFFF\U000CFFFE-\U000CFFFF'
  '\U000DFFFE-\U000DFFFF\U000EFFFE-\U000EFFFF\U000FFFFE-\U000FFFFF\U0010FFFE-\U0010FFFF';
comment on function private.control_characters() is
  'What no text may hold: controls, and what makes a text read as another one.';

create function private.dash_characters() returns text language sql immutable set search_path = '' return
  '\u002D\u058A\u05BE\u1400\u1806\u2010-\u2015\u2053\u207B\u208B\u2212\u2E17\u2E1A\u2E3A-\u2E3B\u2E40'
  '\u2E5D\u301C\u3030\u30A0\uFE31-\uFE32\uFE58\uFE63\uFF0D\U00010D6E\U00010EAD';
comment on function private.dash_characters() is
  'Hyphens, dashes and minus signs.';

create function private.accent_characters() returns text language sql immutable set search_path = '' return
  '\u0300-\u036F\u0485-\u0486\u064B-\u0655\u0670\u0951-\u0954\u1AB0-\u1ADD\u1AE0-\u1AEB\u1CD0-\u1CD2'
  '\u1CD4-\u1CE0\u1CE2-\u1CE8\u1CED\u1CF4\u1CF8-\u1CF9\u1DC0-\u1DFF\u20D0-\u20F0\u302A-\u302D'
  '\uFE00-\uFE0F\uFE20-\uFE2D\U000101FD\U000102E0\U0001133B\U0001CF00-\U0001CF2D\U0001CF30-\U0001CF46'
  '\U0001D167-\U0001D169\U0001D17B-\U0001D182\U0001D185-\U0001D18B\U0001D1AA-\U0001D1AD'
  '\U000E0100-\U000E01EF';
comment on function private.accent_characters() is
  'Marks that a search leaves out: accents, not the vowel signs that a script writes with.';

create function private.separating_characters() returns text language sql immutable set search_path = '' return
  '\u0001-\u002F\u003A-\u0040\u005B-\u0060\u007B-\u00A9\u00AB-\u00AC\u00AE-\u00B1\u00B4\u00B6-\u00B8'
  '\u00BB\u00BF\u00D7\u00F7\u02C2-\u02C5\u02D2-\u02DF\u02E5-\u02EB\u02ED\u02EF-\u02FF\u0375\u037E'
  '\u0384-\u0385\u0387\u03F6\u0482\u055A-\u055F\u0589-\u058A\u058D-\u058F\u05BE\u05C0\u05C3\u05C6'
  '\u05F3-\u05F4\u0600-\u060F\u061B\u061D-\u061F\u066A-\u066D\u06D4\u06DD-\u06DE\u06E9\u06FD-\u06FE'
  '\u0700-\u070D\u070F\u07F6-\u07F9\u07FE-\u07FF\u0830-\u083E\u085E\u0888\u0890-\u0891\u08E2'
  '\u0964-\u0965\u0970\u09F2-\u09F3\u09FA-\u09FB\u09FD\u0A76\u0AF0-\u0AF1\u0B70\u0BF3-\u0BFA\u0C77'
  '\u0C7F\u0C84\u0D4F\u0D79\u0DF4\u0E3F\u0E4F\u0E5A-\u0E5B\u0F01-\u0F17\u0F1A-\u0F1F\u0F34\u0F36\u0F38'
  '\u0F3A-\u0F3D\u0F85\u0FBE-\u0FC5\u0FC7-\u0FCC\u0FCE-\u0FDA\u104A-\u104F\u109E-\u109F\u10FB'
  '\u115F-\u1160\u1360-\u1368\u1390-\u1399\u1400\u166D-\u166E\u1680\u169B-\u169C\u16EB-\u16ED'
  '\u1735-\u1736\u17D4-\u17D6\u17D8-\u17DB\u1800-\u180A\u1940\u1944-\u1945\u19DE-\u19FF\u1A1E-\u1A1F'
  '\u1AA0-\u1AA6\u1AA8-\u1AAD\u1B4E-\u1B4F\u1B5A-\u1B6A\u1B74-\u1B7F\u1BFC-\u1BFF\u1C3B-\u1C3F'
  '\u1C7E-\u1C7F\u1CC0-\u1CC7\u1CD3\u1FBD\u1FBF-\u1FC1\u1FCD-\u1FCF\u1FDD-\u1FDF\u1FED-\u1FEF'
  '\u1FFD-\u1FFE\u2000-\u200A\u2010-\u2029\u202F-\u205F\u207A-\u207E\u208A-\u208E\u20A0-\u20C1'
  '\u2100-\u2101\u2103-\u2106\u2108-\u2109\u2114\u2116-\u2118\u211E-\u2123\u2125\u2127\u2129\u212E'
  '\u2139-\u213B\u2140-\u2144\u214A-\u214D\u214F\u218A-\u218B\u2190-\u2429\u2440-\u244A\u249C-\u24E9'
  '\u2500-\u2775\u2794-\u2B73\u2B76-\u2BFF\u2CE5-\u2CEA\u2CF9-\u2CFC\u2CFE-\u2CFF\u2D70\u2E00-\u2E2E'
  '\u2E30-\u2E5D\u2E80-\u2E99\u2E9B-\u2EF3\u2F00-\u2FD5\u2FF0-\u3004\u3008-\u3020\u3030\u3036-\u3037'
  '\u303D-\u303F\u309B-\u309C\u30A0\u30FB\u3164\u3190-\u3191\u3196-\u319F\u31C0-\u31E5\u31EF'
  '\u3200-\u321E\u322A-\u3247\u3250\u3260-\u327F\u328A-\u32B0\u32C0-\u33FF\u4DC0-\u4DFF\uA490-\uA4C6'
  '\uA4FE-\uA4FF\uA60D-\uA60F\uA673\uA67E\uA6F2-\uA6F7\uA700-\uA716\uA720-\uA721\uA789-\uA78A'
  '\uA828-\uA82B\uA836-\uA839\uA874-\uA877\uA8CE-\uA8CF\uA8F8-\uA8FA\uA8FC\uA92E-\uA92F\uA95F'
  '\uA9C1-\uA9CD\uA9DE-\uA9DF\uAA5C-\uAA5F\uAA77-\uAA79\uAADE-\uAADF\uAAF0-\uAAF1\uAB5B\uAB6A-\uAB6B'
  '\uABEB\uFB29\uFBB2-\uFBD2\uFD3E-\uFD4F\uFD90-\uFD91\uFDC8-\uFDCF\uFDFC-\uFDFF\uFE10-\uFE19'
  '\uFE30-\uFE52\uFE54-\uFE66\uFE68-\uFE6B\uFF01-\uFF0F\uFF1A-\uFF20\uFF3B-\uFF40\uFF5B-\uFF65\uFFA0'
  '\uFFE0-\uFFE6\uFFE8-\uFFEE\uFFF9-\uFFFD\U00010100-\U00010102\U00010137-\U0001013F'
  '\U00010179-\U00010189\U0001018C-\U0001018E\U00010190-\U0001019C\U000101A0\U000101D0-\U000101FC'
  '\U0001039F\U000103D0\U0001056F\U00010857\U00010877-\U00010878\U0001091F\U0001093F'
  '\U00010A50-\U00010A58\U00010A7F\U00010AC8\U00010AF0-\U00010AF6\U00010B39-\U00010B3F'
  '\U00010B99-\U00010B9C\U00010D6E\U00010D8E-\U00010D8F\U00010EAD\U00010ED0-\U00010ED8'
  '\U00010F55-\U00010F59\U00010F86-\U00010F89\U00011047-\U0001104D\U000110BB-\U000110C1\U000110CD'
  '\U00011140-\U00011143\U00011174-\U00011175\U000111C5-\U000111C8\U000111CD\U000111DB'
  '\U000111DD-\U000111DF\U00011238-\U0001123D\U000112A9\U000113D4-\U000113D5\U000113D7-\U000113D8'
  '\U0001144B-\U0001144F\U0001145A-\U0001145B\U0001145D\U000114C6\U000115C1-\U000115D7'
  '\U00011641-\U00011643\U00011660-\U0001166C\U000116B9\U0001173C-\U0001173F\U0001183B'
  '\U00011944-\U00011946\U000119E2\U00011A3F-\U00011A46\U00011A9A-\U00011A9C\U00011A9E-\U00011AA2'
  '\U00011B00-\U00011B09\U00011BE1\U00011C41-\U00011C45\U00011C70-\U00011C71\U00011EF7-\U00011EF8'
  '\U00011F43-\U00011F4F\U00011FD5-\U00011FF1\U00011FFF\U00012470-\U00012474\U00012FF1-\U00012FF2'
  '\U00013430-\U0001343F\U00013441-\U00013442\U00016A6E-\U00016A6F\U00016AF5\U00016B37-\U00016B3F'
  '\U00016B44-\U00016B45\U00016D6D-\U00016D6F\U00016E97-\U00016E9A\U00016FE2\U0001BC9C\U0001BC9F'
  '\U0001CC00-\U0001CCEF\U0001CCFA-\U0001CCFC\U0001CD00-\U0001CEB3\U0001CEBA-\U0001CED0'
  '\U0001CEE0-\U0001CEF0\U0001CF50-\U0001CFC3\U0001D000-\U0001D0F5\U0001D100-\U0001D126'
  '\U0001D129-\U0001D164\U0001D16A-\U0001D16C\U0001D183-\U0001D184\U0001D18C-\U0001D1A9'
  '\U0001D1AE-\U0001D1EA\U0001D200-\U0001D241\U0001D245\U0001D300-\U0001D356\U0001D6C1\U0001D6DB'
  '\U0001D6FB\U0001D715\U0001D735\U0001D74F\U0001D76F\U0001D789\U0001D7A9\U0001D7C3'
  '\U0001D800-\U0001D9FF\U0001DA37-\U0001DA3A\U0001DA6D-\U0001DA74\U0001DA76-\U0001DA83'
  '\U0001DA85-\U0001DA8B\U0001E14F\U0001E2FF\U0001E5FF\U0001E95E-\U0001E95F\U0001ECAC\U0001ECB0'
  '\U0001ED2E\U0001EEF0-\U0001EEF1\U0001F000-\U0001F0FF\U0001F10D-\U0001FB92\U0001FB94-\U0001FBEF'
  '\U0001FBFA\U0001FC00-\U0001FFFD';
comment on function private.separating_characters() is
  'What parts the words of a search: spaces, punctuation, symbols and emoji.';

create function private.unspaced_characters() returns text language sql immutable set search_path = '' return
  '\u02BC\u02C7\u02C9-\u02CB\u0300-\u0301\u0303\u0305\u0307-\u0308\u030C\u0323\u0331\u0E01-\u0E3A'
  '\u0E40-\u0E4E\u0E81-\u0E82\u0E84\u0E86-\u0E8A\u0E8C-\u0EA3\u0EA5\u0EA7-\u0EBD\u0EC0-\u0EC4\u0EC6'
  '\u0EC8-\u0ECE\u0EDC-\u0EDF\u1000-\u103F\u1050-\u108F\u109A-\u109D\u1780-\u17D3\u17D7\u17DC-\u17DD'
  '\u1950-\u196D\u1970-\u1974\u1980-\u19AB\u19B0-\u19C9\u1A20-\u1A5E\u1A60-\u1A7C\u1A7F\u1AA7'
  '\u1B00-\u1B4C\u1B6B-\u1B73\u3005-\u3006\u302A-\u302D\u3031-\u3035\u303B-\u303C\u3041-\u3096'
  '\u3099-\u309A\u309D-\u309F\u30A1-\u30FA\u30FC-\u30FF\u3105-\u312F\u31A0-\u31BF\u31F0-\u31FF'
  '\u3400-\u4DBF\u4E00-\uA48C\uA980-\uA9C0\uA9CF\uA9E0-\uA9EF\uA9FA-\uA9FE\uAA60-\uAA76\uAA7A-\uAAC2'
  '\uAADB-\uAADD\uF900-\uFA6D\uFA70-\uFAD9\uFF66-\uFF9F\U00016FE3\U00016FF0-\U00016FF3'
  '\U0001AFF0-\U0001AFF3\U0001AFF5-\U0001AFFB\U0001AFFD-\U0001AFFE\U0001B000-\U0001B122\U0001B132'
  '\U0001B150-\U0001B152\U0001B155\U0001B164-\U0001B167\U00020000-\U0002A6DF\U0002A700-\U0002B81D'
  '\U0002B820-\U0002CEAD\U0002CEB0-\U0002EBE0\U0002EBF0-\U0002EE5D\U0002F800-\U0002FA1D'
  '\U00030000-\U0003134A\U00031350-\U00033479';
comment on function private.unspaced_characters() is
  'Letters of scripts that are written without spaces: a search looks inside of them.';

create function private.zero_digits() returns integer[] language sql immutable set search_path = '' return
  array[48, 1632, 1776, 1984, 2406, 2534, 2662, 2790, 2918, 3046, 3174, 3302, 3430, 3558, 3664, 3792, 3872,
    4160, 4240, 6112, 6160, 6470, 6608, 6784, 6800, 6992, 7088, 7232, 7248, 42528, 43216, 43264, 43472,
    43504, 43600, 44016, 65296, 66720, 68912, 68928, 69734, 69872, 69942, 70096, 70384, 70736, 70864,
    71248, 71360, 71376, 71386, 71472, 71904, 72016, 72688, 72784, 73040, 73120, 73184, 73552, 90416,
    92768, 92864, 93008, 93552, 118000, 120782, 120792, 120802, 120812, 120822, 123200, 123632, 124144,
    124401, 125264, 130032];
comment on function private.zero_digits() is
  'Code points of the zeros of every script; the digits up to nine follow each.';

-- schemas/text/cleaning.sql

-- Room: text. What people type: cleaned, checked, folded, cut into words.

create function private.is_visible(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return value ~ ('[^' || private.space_characters() || private.ignorable_characters() || ']');
end $$;
comment on function private.is_visible(text) is 'Whether there is anything to see in a text.';

create function private.has_controls(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return value ~ ('[' || private.control_characters() || ']');
end $$;
comment on function private.has_controls(text) is 'Whether a text holds what no text may hold.';

create function private.trim_text(value text)
returns text
language plpgsql immutable set search_path = ''
as $$ begin
  -- nothing else to look for around plain ASCII
  if pg_catalog.octet_length(value) = pg_catalog.char_length(value) then
    return pg_catalog.btrim(value, E' \t\n\u000B\f\r');
  end if;
  return pg_catalog.regexp_replace(value, pg_catalog.format('^[%1$s]+|[%1$s]+$', private.edge_characters()), '', 'g');
end $$;
comment on function private.trim_text(text) is
  'A text without the white space around it, and without what copying leaves there.';

create function private.clean_text(value text, field text, min_length integer, max_length integer,
  is_multiline boolean default false)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text   text := private.trim_text(value);
  v_length integer := pg_catalog.char_length(v_text);
begin
  if private.has_controls(v_text) or (not is_multiline and v_text ~ '[\t\n\r\u2028\u2029]') then
    raise exception using errcode = 'PT400', message = 'text_has_control_characters', detail = field,
      hint = 'Please remove control characters and line breaks from this field.';
  end if;
  if v_text is null or not private.is_visible(v_text) then
    raise exception using errcode = 'PT400', message = 'text_blank', detail = field,
      hint = 'Please fill in this field.';
  end if;
  -- what shows nothing counts for nothing
  if v_length < min_length or (min_length > 1 and pg_catalog.char_length(pg_catalog.regexp_replace(
       pg_catalog.left(v_text, 100), '[' || private.ignorable_characters() || ']', '', 'g')) < min_length) then
    raise exception using errcode = 'PT400', message = 'text_too_short', detail = field,
      hint = pg_catalog.format('At least %s characters are needed.', min_length);
  end if;
  if v_length > max_length then
    raise exception using errcode = 'PT400', message = 'text_too_long', detail = field,
      hint = pg_catalog.format('At most %s characters are allowed.', max_length);
  end if;
  return v_text;
end $$;
comment on function private.clean_text(text, text, integer, integer, boolean) is
  'Trims and checks one text input; detail of an error names the field. Raises PT400 text_blank, '
  'text_has_control_characters, text_too_short, text_too_long.';

create function private.clean_optional_text(value text, field text, max_length integer,
  is_multiline boolean default false)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := private.trim_text(value);
begin
  if v_text is null or v_text = '' or not (private.is_visible(v_text) or private.has_controls(v_text)) then
    return null;
  end if;
  return private.clean_text(v_text, field, 1, max_length, is_multiline);
end $$;
comment on function private.clean_optional_text(text, text, integer, boolean) is
  'Like private.clean_text, but null and blank both mean absent and give null.';

create function private.is_picture_path(path text, owner_id uuid)
returns boolean
language sql immutable set search_path = ''
return path ~ pg_catalog.format(
  '^%s/[A-Za-z0-9_-]{1,%s}\.(jpg|png|webp)$', owner_id, private.max_picture_name_length());
comment on function private.is_picture_path(text, uuid) is
  'Whether a path is one that the buckets for pictures can hold: <owner''s id>/<name>.jpg, .png or .webp.';

create function private.ascii_digits(value text)
returns text
language sql immutable set search_path = ''
as $$
  select case when value ~ '^[ -~]*$' then value else (
    select pg_catalog.string_agg(coalesce((
        select (pg_catalog.ascii(c.sign) - z.zero)::text from pg_catalog.unnest(private.zero_digits()) z (zero)
        where pg_catalog.ascii(c.sign) between z.zero and z.zero + 9), c.sign), '' order by c.place)
    from pg_catalog.regexp_split_to_table(value, '') with ordinality c (sign, place)) end
$$;
comment on function private.ascii_digits(text) is 'A text with the digits of every script as 0 to 9.';

create function private.clean_phone_number(value text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  -- wide signs become plain ones, every kind of space on a line the same
  v_number text := pg_catalog.normalize(private.trim_text(value), 'NFKC');
begin
  v_number := pg_catalog.regexp_replace(v_number, '[' || private.ignorable_characters() || ']', '', 'g');
  v_number := pg_catalog.regexp_replace(v_number, '[' || private.dash_characters() || ']', '-', 'g');
  v_number := private.ascii_digits(pg_catalog.replace(v_number, E'\t', ' '));
  if v_number !~ '^\(?\+? ?\(?[0-9][0-9 ()/.-]*$' or v_number !~ '([0-9][^0-9]*){4}'
     or pg_catalog.char_length(v_number) > private.max_phone_number_length() then
    return null;
  end if;
  return v_number;
end $$;
comment on function private.clean_phone_number(text) is
  'A phone number as somebody wrote or copied it, in plain signs; null when it is none.';

create function private.check_paths(paths text[], owner_id uuid, slug text, most integer)
returns void
language plpgsql immutable set search_path = ''
as $$
declare
  v_path text;
begin
  if pg_catalog.array_ndims(paths) > 1 or coalesce(pg_catalog.cardinality(paths), 0) > most then
    raise exception using errcode = 'PT400', message = slug,
      hint = pg_catalog.format('At most %s pictures are allowed.', most);
  end if;
  foreach v_path in array coalesce(paths, '{}') loop
    if private.is_picture_path(v_path, owner_id) is not true then
      raise exception using errcode = 'PT400', message = slug, detail = coalesce(v_path, 'null'),
        hint = 'A picture is named by its path: your own user id, a slash, a name that ends in .jpg, .png or .webp.';
    end if;
  end loop;
end $$;
comment on function private.check_paths(text[], uuid, text, integer) is
  'Raises PT400 with the given slug unless every path is one that the owner''s folder can hold.';

create function private.check_metadata(metadata jsonb)
returns void
language plpgsql immutable set search_path = ''
as $$
begin
  if pg_catalog.jsonb_typeof(metadata) is distinct from 'object'
     or pg_catalog.octet_length(metadata::text) > private.max_metadata_bytes() then
    raise exception using errcode = 'PT400', message = 'metadata_invalid',
      hint = pg_catalog.format('Metadata must be a JSON object of at most %s bytes.', private.max_metadata_bytes());
  end if;
end $$;
comment on function private.check_metadata(jsonb) is
  'Raises PT400 metadata_invalid unless a JSON object, and not too large.';

-- schemas/text/moments.sql

create function private.is_moment(value text)
returns boolean
language sql immutable set search_path = ''
as $$
  select value ~ ('^[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,9})?)?'
    '(Z|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)$')
$$;
comment on function private.is_moment(text) is
  'Whether a text has the form of a moment as ISO 8601 writes it, with an offset. The calendar may not have the day.';

create function private.read_moment(value text, field text)
returns timestamptz
language plpgsql stable set search_path = ''
as $$
begin
  -- the form first: PostgreSQL also reads tomorrow, infinity, 2026-1-1 and, without an offset, the clock of the server
  if not private.is_moment(value) then
    raise invalid_datetime_format;
  end if;
  return value::timestamptz;
exception when data_exception then
  raise exception using errcode = 'PT400', message = 'validation_failed', detail = field,
    hint = 'Please write a moment as ISO 8601 with its offset, for example 2026-12-24T18:00:00+01:00.';
end $$;
comment on function private.read_moment(text, text) is
  'A moment as ISO 8601 writes it, with an offset; null stays null. Raises PT400 validation_failed, detail names the '
  'field.';

create function private.read_period(starts_from text, starts_until text)
returns tstzrange
language plpgsql stable set search_path = ''
as $$
declare
  v_from  timestamptz := private.read_moment(starts_from, 'starts_from');
  v_until timestamptz := private.read_moment(starts_until, 'starts_until');
begin
  if v_until <= v_from then
    raise exception using errcode = 'PT400', message = 'validation_failed', detail = 'starts_until',
      hint = 'The end of the period must come after its beginning.';
  end if;
  return case when pg_catalog.num_nonnulls(v_from, v_until) > 0 then pg_catalog.tstzrange(v_from, v_until) end;
end $$;
comment on function private.read_period(text, text) is
  'The period within which the tasks that are searched for start, from a moment and before another, either of them '
  'open; null for whenever. Raises like private.read_moment, and when the period is empty.';

-- schemas/text/snippets.sql

create function private.snippet(title text, body text, words text[], least_similarity double precision)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_parts    constant integer := 60;  -- words and what is between them
  v_stems    text[] := array(select pg_catalog.unnest(f.forms) from private.word_forms(words) f);
  v_inner    text := (select pg_catalog.string_agg(pg_catalog.normalize(w.word), '|')
    from pg_catalog.unnest(words) w (word)
    where private.may_be_unspaced(w.word) and w.word ~ ('^[' || private.unspaced_characters() || ']'));
  v_initials text[] := array(select pg_catalog.left(w.word, 1) from pg_catalog.unnest(words) w (word));
  v_text     text;
  v_parts    text[];
  v_lines    text;
  v_folded   text[];
  v_found    text[];
  v_hits     integer[];
  v_first    integer;
begin
  -- the body where a word of the search is in it, else the title
  foreach v_text in array array[coalesce(body, ''), title] loop
    v_text  := pg_catalog.translate(pg_catalog.regexp_replace(pg_catalog.left(v_text, 2000), '\s+', ' ', 'g'), '«»',
      '‹›');
    -- what is written without spaces is parted by a control character, which no text has
    if v_inner is not null then
      v_text := pg_catalog.regexp_replace(v_text, '(' || v_inner || ')', E'\u0001\\1\u0001', 'g');
    end if;
    v_parts := pg_catalog.array_remove(pg_catalog.string_to_array(pg_catalog.regexp_replace(v_text,
      '[' || private.separating_characters() || ']+', E'\u0002\\&\u0002', 'g'), E'\u0002'), '');
    v_lines  := private.fold_text(pg_catalog.array_to_string(v_parts, E'\n'));
    v_folded := pg_catalog.string_to_array(v_lines, E'\n');
    if least_similarity is null then
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
          where pg_catalog.starts_with(p.part, w.word)
        union
        -- stemming changes no beginning, so the first letter spares most words the stemmers
        select f.word from private.word_forms(array(select p.part from pg_catalog.unnest(v_folded) p (part)
          where pg_catalog.left(p.part, 1) = any (v_initials))) f
        where f.forms && v_stems);
      -- scripts where a word begins inside of another one
      if pg_catalog.octet_length(v_lines) > pg_catalog.char_length(v_lines) then
        v_found := v_found || array(
          select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(v_stems) w (word)
          where pg_catalog.octet_length(p.part) > pg_catalog.char_length(p.part)
            and pg_catalog.strpos(p.part, w.word) > 0);
      end if;
    else
      v_found := array(
        select p.part from pg_catalog.unnest(v_folded) p (part), pg_catalog.unnest(words) w (word)
        where pg_catalog.starts_with(p.part, w.word) or extensions.word_similarity(w.word, p.part) >= least_similarity);
    end if;
    v_hits := array(select p.i from pg_catalog.unnest(v_folded) with ordinality p (part, i)
      where p.part = any (v_found));
    -- W-LAN for wlan: found in two parts
    v_hits := v_hits || array(
      select pg_catalog.unnest(array[p.i, p.i + 1, p.i + 2])
      from pg_catalog.unnest(v_folded) with ordinality p (part, i), pg_catalog.unnest(words) w (word)
      where pg_catalog.starts_with(w.word, p.part) and w.word <> p.part and p.i <> all (v_hits)
        and pg_catalog.char_length(v_parts[p.i + 1]) = 1
        and pg_catalog.starts_with(p.part || v_folded[p.i + 2], w.word));
    exit when v_hits <> '{}';
  end loop;
  v_first := greatest(coalesce((select min(h.i) from pg_catalog.unnest(v_hits) h (i)), 1) - 12, 1);
  return pg_catalog.translate(pg_catalog.replace(pg_catalog.concat(
    case when v_first > 1 then '… ' end,
    (select pg_catalog.string_agg(case when p.i = any (v_hits) then '«' || p.part || '»' else p.part end, ''
      order by p.i)
     from pg_catalog.unnest(v_parts) with ordinality p (part, i) where p.i between v_first and v_first + c_parts),
    case when pg_catalog.cardinality(v_parts) > v_first + c_parts then ' …' end), '»«', ''), E'\u0001', '');
end $$;
comment on function private.snippet(text, text, text[], double precision) is
  'Where the words of a search stand in a text, as written or, with least_similarity, spelt alike: about thirty '
  'words of it on one line, hits in «», own «» as ‹›. Plain text: it may hold anything that the author wrote, HTML '
  'too.';

create function private.fill_in(template text, facts jsonb)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_letters constant text := 'abcdefghijklmnopqrstuvwxyz';
  c_plural  constant text := ', plural, one ';
  c_other   constant text := '} other ';
  v_parts   text[] := pg_catalog.string_to_array(template, '{');
  v_part    text;
  v_name    text;
  v_filled  text := v_parts[1];
  v_place   integer := 2;
begin
  -- in one pass, so that braces in what a member wrote stay what they are; without regular expressions, which take
  -- twenty times as long
  while v_place <= pg_catalog.cardinality(v_parts) loop
    v_part := v_parts[v_place];
    v_name := pg_catalog.split_part(pg_catalog.split_part(v_part, '}', 1), c_plural, 1);
    if v_name = '' or pg_catalog.translate(v_name, c_letters, '') <> '' then
      v_filled := v_filled || '{' || v_part;
    elsif pg_catalog.starts_with(v_part, v_name || '}') then
      v_filled := v_filled || coalesce(facts ->> v_name, '')
        || pg_catalog.substr(v_part, pg_catalog.char_length(v_name) + 2);
    elsif v_part = v_name || c_plural and v_parts[v_place + 1] like '%' || c_other
      and v_parts[v_place + 2] like '%}}%' then
      v_filled := v_filled
        || pg_catalog.replace(case facts ->> v_name when '1' then pg_catalog.split_part(v_parts[v_place + 1], '}', 1)
          else pg_catalog.split_part(v_parts[v_place + 2], '}', 1) end, '#', coalesce(facts ->> v_name, ''))
        || pg_catalog.substr(v_parts[v_place + 2], pg_catalog.strpos(v_parts[v_place + 2], '}}') + 2);
      v_place := v_place + 2;
    else
      v_filled := v_filled || '{' || v_part;
    end if;
    v_place := v_place + 1;
  end loop;
  return v_filled;
end $$;
comment on function private.fill_in(text, jsonb) is
  'Puts facts into the placeholders of a text: {actor}, and by number, as in ICU messages, '
  '{points, plural, one {# point} other {# points}}. A fact that is missing leaves nothing.';

-- schemas/text/words.sql

create function private.fold_text(value text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  v_text text := value;
begin
  -- nothing to fold in plain ASCII
  if pg_catalog.octet_length(v_text) > pg_catalog.char_length(v_text) then
    v_text := pg_catalog.regexp_replace(v_text, '[' || private.ignorable_characters() || ']', '', 'g');
    v_text := pg_catalog.normalize(v_text, 'NFKD');
    v_text := pg_catalog.regexp_replace(v_text, '([AOUaou])\u0308', '\1e', 'g');
    v_text := pg_catalog.regexp_replace(v_text, '[' || private.accent_characters() || ']', '', 'g');
    -- letters that do not come apart
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'ß', 'ss'), 'ẞ', 'ss');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'æ', 'ae'), 'Æ', 'ae');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'œ', 'oe'), 'Œ', 'oe');
    v_text := pg_catalog.replace(pg_catalog.replace(v_text, 'ø', 'oe'), 'Ø', 'oe');
    -- and what is written in two ways: letters of Arabic, its digits and Persian ones, the stroke that only stretches.
    -- In German nothing is left of them by now, and translating costs for every letter
    if pg_catalog.octet_length(v_text) > pg_catalog.char_length(v_text) then
      v_text := pg_catalog.translate(v_text, 'łŁđĐıةى٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹ـ', 'llddiهي01234567890123456789');
    end if;
  end if;
  return pg_catalog.lower(v_text);
end $$;
comment on function private.fold_text(text) is
  'Lower case without accents, umlauts written out: Gärtner and GAERTNER both become gaertner, Café becomes cafe.';

create function private.may_be_unspaced(value text)
returns boolean
language plpgsql immutable set search_path = ''
as $$ begin
  return pg_catalog.octet_length(value) > pg_catalog.char_length(value) and value ~ '[\u0E00-\u1AFF\u3005-\U0003FFFF]';
end $$;
comment on function private.may_be_unspaced(text) is
  'Whether a closer look for private.unspaced_characters, which are many, is worth it.';

create function private.split_words(folded text)
returns text[]
language plpgsql immutable set search_path = ''
as $$
begin
  -- 买iPhone手机: where the script changes, a word ends
  if private.may_be_unspaced(folded) then
    folded := pg_catalog.regexp_replace(folded, '([' || private.unspaced_characters() || ']+)', ' \1 ', 'g');
  end if;
  return array(
    select pg_catalog.left(w.word, 64)
    from pg_catalog.regexp_split_to_table(folded, '[' || private.separating_characters() || ']+') w (word)
    where w.word <> '');
end $$;
comment on function private.split_words(text) is 'The words of a folded text, see private.words_of.';

create function private.words_of(value text)
returns text[]
language plpgsql immutable set search_path = ''
as $$ begin
  return private.split_words(private.fold_text(value));
end $$;
comment on function private.words_of(text) is
  'The words of a text, folded, in their order, each cut to 64 characters. They hold no quote, space or sign. What is '
  'written without spaces stays together.';

create function private.joined_words(folded text)
returns table (word text, parts text[])
language plpgsql immutable rows 5 set search_path = ''
as $$
declare
  c_joints constant text := '-‐‒–−־.''’_&';
  c_mark   constant text := 'ª';  -- stands for a joint: it parts no words, and folding leaves none of it
  v_word   text;
  v_parts  text[];
begin
  folded := pg_catalog.translate(folded, c_joints, pg_catalog.repeat(c_mark, pg_catalog.char_length(c_joints)));
  -- most texts have nothing like it, and looking closely costs
  if folded !~ ('[^ ]' || c_mark || '[^ ]|[0-9]') then
    return;
  end if;
  -- 2.5 is not 25; 20 kg is as good as 20-kg, and iphone 12 as iphone-12
  folded := pg_catalog.regexp_replace(folded, '([0-9])' || c_mark || '(?=[0-9])', '\1/', 'g');
  folded := pg_catalog.regexp_replace(folded, '(^|[ (])([0-9]+) (?=[^ 0-9])', '\1\2' || c_mark, 'g');
  folded := pg_catalog.regexp_replace(folded, '([^ 0-9]) ([0-9]+)(?=$|[^a-z0-9])', '\1' || c_mark || '\2', 'g');
  folded := coalesce((
    select pg_catalog.string_agg(t.token, ' ') from pg_catalog.string_to_table(folded, ' ') t (token)
    where t.token like '%_' || c_mark || '_%'), '');
  -- loops: the planner would take the same as one query for millions of rows, and compile it
  foreach v_word in array pg_catalog.regexp_split_to_array(folded, '[' || private.separating_characters() || ']+') loop
    v_parts := (pg_catalog.array_remove(pg_catalog.string_to_array(v_word, c_mark), ''))[1:5];
    for i in 1 .. pg_catalog.cardinality(v_parts) - 1 loop
      for j in i + 1 .. pg_catalog.cardinality(v_parts) loop
        parts := v_parts[i:j];
        word := pg_catalog.left(pg_catalog.array_to_string(parts, ''), 64);
        return next;
      end loop;
    end loop;
  end loop;
end $$;
comment on function private.joined_words(text) is
  'What a folded text has with a hyphen, dot or apostrophe inside, written together: w-lan gives wlan; and numbers '
  'with the word beside them: 20 kg gives 20kg. parts are what stands apart.';

create function private.word_forms(words text[])
returns table (word text, forms text[])
language plpgsql immutable set search_path = ''
as $$
begin
  -- all words of a text at once, because a function with a pinned search_path costs more to enter than a word to stem
  return query
    select w.word, array[w.word] || w.german || w.english || w.semitic
    from (
      select u.word,
        -- with umlauts, whether they were written so or not: the German stemmer and its stop words expect them
        pg_catalog.ts_lexize('pg_catalog.german_stem', case when u.word ~ '[aou]e'
          then pg_catalog.regexp_replace(pg_catalog.replace(pg_catalog.replace(u.word, 'ae', 'ä'), 'oe', 'ö'),
            '(?<![aeiouäöq])ue', 'ü', 'g')
          else u.word end) as german,
        pg_catalog.ts_lexize('pg_catalog.english_stem', u.word) as english,
        -- without article and prefixes; the Arabic stemmer knows "and" only before words without article
        case
          when u.word ~ '^[\u0620-\u06D3]' then pg_catalog.ts_lexize('pg_catalog.arabic_stem',
            pg_catalog.regexp_replace(u.word, '^[وف](?=[بك]?ال..|لل..)', ''))
          when u.word ~ '^[\u05D0-\u05EA]' then
            array[pg_catalog.regexp_replace(u.word, '^[בהוכלמש](?=..)', ''),
              pg_catalog.regexp_replace(u.word, '^[בהוכלמש]{2}(?=..)', '')]
        end as semitic
      from pg_catalog.unnest(words) u (word)) w
    where w.german <> '{}' and w.english <> '{}';
end $$;
comment on function private.word_forms(text[]) is
  'Folded words, each with itself, its German and its English stem, Arabic and Hebrew ones also without article and '
  'prefixes; stop words of German and English are left out.';

create function private.inner_words(folded text)
returns setof text
language plpgsql immutable rows 50 set search_path = ''
as $$
declare
  v_run text;
begin
  if not private.may_be_unspaced(folded) then
    return;
  end if;
  foreach v_run in array array(
      select m[1] from pg_catalog.regexp_matches(folded, '[' || private.unspaced_characters() || ']+', 'g') m) loop
    for i in 1 .. pg_catalog.char_length(v_run) loop
      return next pg_catalog.substr(v_run, i, private.inner_word_length());
    end loop;
  end loop;
end $$;
comment on function private.inner_words(text) is
  'What a folded text has in scripts without spaces, from every character on: 帮忙搬家 is found by 搬家, because the '
  'index finds beginnings.';

create function private.weighed_terms(value text, weight text)
returns text
language plpgsql immutable set search_path = ''
as $$
declare
  c_words  constant integer := 300;
  v_folded text := private.fold_text(value);
  v_words  text[] := (private.split_words(v_folded))[1:c_words]
    || array(select j.word from private.joined_words(v_folded) j where j.word ~ '[^0-9]' limit c_words / 3);
  v_inner  text[] := array(select * from private.inner_words(v_folded) limit 2 * c_words);
begin
  -- the words hold nothing that would have to be escaped
  return (
    select pg_catalog.string_agg(
      pg_catalog.concat('''', pg_catalog.array_to_string(t.terms, ''':' || weight || ' '''), ''':', weight), ' ')
    from (
      select f.forms from private.word_forms(v_words) f
      union all
      select v_inner where v_inner <> '{}') t (terms));
end $$;
comment on function private.weighed_terms(text, text) is
  'What a text is found by, as text of a tsvector; weight is position and class of every term. It has at most 300 '
  'words, a third of that of joined ones, and twice that of those inside of scripts without spaces.';

create function private.terms_of(title text, body text)
returns tsvector
language plpgsql immutable set search_path = ''
as $$ begin
  return pg_catalog.concat(private.weighed_terms(title, '1A'), ' ', private.weighed_terms(body, '2B'))::tsvector;
end $$;
comment on function private.terms_of(text, text) is
  'What a text is found by: words and stems of the title with weight A, of the first 300 words of the body with '
  'weight B, see private.weighed_terms.';
