//! The macros that declare records and words.

/// A key as it is written in a file, from the name of the field: without `r#`.
pub const fn key_name(field: &'static str) -> &'static str {
    match field.as_bytes() {
        [b'r', b'#', ..] => field.split_at(2).1,
        _ => field,
    }
}

/// What to call a thing in messages, from the name of its type: `UrlMap` is a `url map`.
pub fn noun(type_name: &str) -> String {
    let mut noun = String::new();
    for c in type_name.chars() {
        if c.is_uppercase() && !noun.is_empty() {
            noun.push(' ');
        }
        noun.extend(c.to_lowercase());
    }
    noun
}

/// Declares a map with named keys: the struct, its decoder and its schema.
///
/// The struct gets a field `span`, the place of the whole map. A key is named as its field, or as
/// said by `as "key"` behind the type. Whether it may be absent is the type's matter: `Option`,
/// `Vec` and `Map` may. What holds then follows behind `=`, if it is the same for every such record;
/// it gives a method of the field's name, a line of the documentation, and what `show` and the schema
/// tell ([`Defaulted`](crate::topology::record::Defaulted)). What follows from the rest of a topology
/// stands in `topology/defaults.rs`. `resource "kind"` says that it describes a resource of that kind, `called
/// "words"` what findings call it, in this order.
macro_rules! record {
    (
        $(#[doc = $doc:expr])*
        $vis:vis struct $name:ident
        $(: $(resource $resource:literal)? $(called $called:literal)?)?
        {
            $(
                $(#[doc = $field_doc:expr])*
                $field_vis:vis $field:ident : $type:ty $(as $key:literal)? $(= $default:expr)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug)]
        $vis struct $name {
            $(
                $(#[doc = $field_doc])*
                $(#[doc = concat!("\n\nIf it is not given: `", stringify!($default), "`.")])?
                $field_vis $field: $type,
            )*
            /// Where it stands.
            pub span: $crate::source::Span,
        }

        #[allow(dead_code, reason = "not every record is asked for everything")]
        impl $name {
            /// What it is, line by line.
            pub const DOC: &'static [&'static str] = &[$($doc),*];

            /// Its keys.
            pub const KEYS: &'static [$crate::topology::record::KeyInfo] = &[$(
                $crate::topology::record::KeyInfo {
                    name: $crate::topology::record::record!(@key $field $($key)?),
                    doc: &[$($field_doc),*],
                    required: <$type as $crate::topology::record::Decode>::REQUIRED,
                    default: $crate::topology::record::record!(@default $type $(, $default)?),
                },
            )*];

            $($(
                #[doc = concat!("Its `", stringify!($field), "`, or what holds if it is not given.")]
                pub fn $field(&self) -> <$type as $crate::topology::record::Defaulted>::Held<'_> {
                    $crate::topology::record::Defaulted::held(&self.$field, $default)
                }
            )?)*

            /// What findings call it.
            pub fn noun() -> ::std::string::String {
                let called: &[&str] = &[$($($called)?)?];
                match called {
                    [called, ..] => (*called).to_owned(),
                    [] => $crate::topology::record::noun(stringify!($name)),
                }
            }
        }

        impl $crate::topology::record::Decode for $name {
            const RESOURCE: Option<&'static str> = {
                let resource: &[&str] = &[$($($resource)?)?];
                match resource {
                    [resource, ..] => Some(*resource),
                    [] => None,
                }
            };

            fn decode(
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> Option<Self> {
                let fields = cx.fields(node, Self::noun, Self::KEYS)?;
                $(
                    let $field = fields.get::<$type>(
                        $crate::topology::record::record!(@key $field $($key)?),
                        cx,
                    );
                )*
                Some(Self { $($field: $field?,)* span: node.span })
            }

            fn schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $crate::topology::record::reference_schema::<Self>(Self::KEYS, generator)
            }
        }

        impl $crate::topology::record::Record for $name {
            fn called() -> ::std::string::String {
                Self::noun()
            }

            fn labels(&self) -> Option<&$crate::topology::record::Labels> {
                None$(.or($crate::topology::record::record!(@labels self $field)))*
            }
        }

        impl $crate::topology::record::Show for $name {
            fn show(
                &self,
                showing: $crate::topology::record::Showing<'_>,
            ) -> Option<$crate::topology::record::Shown> {
                let mut entries =
                    $crate::topology::record::Entries::new(stringify!($name), showing);
                $(
                    entries.add(
                        $crate::topology::record::record!(@key $field $($key)?),
                        &self.$field,
                        $crate::topology::record::record!(@default $type $(, $default)?),
                    );
                )*
                entries.into_shown()
            }
        }

        impl $crate::topology::record::Part for $name {
            fn form() -> $crate::topology::record::Form {
                fn field(key: &str) -> Option<$crate::topology::record::Form> {
                    $(
                        if key == $crate::topology::record::record!(@key $field $($key)?) {
                            return Some(<$type as $crate::topology::record::Part>::form());
                        }
                    )*
                    None
                }
                $crate::topology::record::Form::Record {
                    noun: Self::noun,
                    keys: Self::KEYS,
                    field,
                }
            }

            fn view(&self) -> $crate::topology::record::View<'_> {
                $crate::topology::record::View::Record(self)
            }

            fn view_mut(&mut self) -> $crate::topology::record::ViewMut<'_> {
                $crate::topology::record::ViewMut::Record(self)
            }

            fn put(
                &mut self,
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> bool {
                $crate::topology::record::replace(self, node, cx)
            }
        }

        impl $crate::topology::record::Keyed for $name {
            fn field(&self, key: &str) -> Option<&dyn $crate::topology::record::Part> {
                $(
                    if key == $crate::topology::record::record!(@key $field $($key)?) {
                        return Some(&self.$field);
                    }
                )*
                None
            }

            fn field_mut(&mut self, key: &str) -> Option<&mut dyn $crate::topology::record::Part> {
                $(
                    if key == $crate::topology::record::record!(@key $field $($key)?) {
                        return Some(&mut self.$field);
                    }
                )*
                None
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                let fields = vec![$((
                    $crate::topology::record::record!(@key $field $($key)?),
                    <$type as $crate::topology::record::Decode>::schema(generator),
                )),*];
                $crate::topology::record::record_schema(Self::DOC, Self::KEYS, fields)
            }
        }
    };
    (@default $type:ty, $default:expr) => {
        Some($crate::topology::record::Default {
            shown: |showing| {
                let field = <$type as $crate::topology::record::Defaulted>::given($default);
                $crate::topology::record::Show::show(&field, showing)
            },
            when: <$type as $crate::topology::record::Defaulted>::WHEN,
        })
    };
    (@default $type:ty) => { None };
    (@labels $record:ident labels) => { Some(&$record.labels) };
    (@labels $record:ident $other:ident) => { None };
    (@key $field:ident $key:literal) => { $key };
    (@key $field:ident) => { $crate::topology::record::key_name(stringify!($field)) };
}

/// Declares a choice of words: the enum, its decoder and its schema.
///
/// A variant may be written in several ways, `All = "all" | "ALL"`; the first is its name. `called
/// "words"` says what findings call it.
macro_rules! keyword {
    (
        $(#[doc = $doc:expr])*
        $vis:vis enum $name:ident $(: called $called:literal)? {
            $(
                $(#[doc = $variant_doc:expr])*
                $variant:ident = $word:literal $(| $other:literal)*
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $(
                $(#[doc = $variant_doc])*
                $variant,
            )*
        }

        #[allow(dead_code, reason = "not every choice is asked for everything")]
        impl $name {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The spellings of each, the first of which is its name.
            pub const WORDS: &'static [(&'static [&'static str], Self)] =
                &[$((&[$word $(, $other)*], Self::$variant)),*];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// What findings call it.
            pub fn noun() -> ::std::string::String {
                let called: &[&str] = &[$($called)?];
                match called {
                    [called, ..] => (*called).to_owned(),
                    [] => $crate::topology::record::noun(stringify!($name)),
                }
            }

            /// What a word stands for, in any of its spellings.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::WORDS
                    .iter()
                    .find(|(spellings, _)| spellings.contains(&word))
                    .map(|(_, value)| *value)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::topology::record::Show for $name {
            fn show(
                &self,
                _: $crate::topology::record::Showing<'_>,
            ) -> Option<$crate::topology::record::Shown> {
                Some($crate::topology::record::Shown::text(self.as_str()))
            }
        }

        $crate::topology::record::single! { $name }

        impl $crate::topology::record::Decode for $name {
            fn decode(
                node: &$crate::source::tree::Node,
                cx: &mut $crate::topology::record::Decoder<'_>,
            ) -> Option<Self> {
                cx.word(node, Self::noun, Self::WORDS)
            }

            fn schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                generator.subschema_for::<Self>()
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", stringify!($name)).into()
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                $crate::topology::record::keyword_schema(
                    &[$($doc),*],
                    &[$((&[$word $(, $other)*], &[$($variant_doc),*])),*],
                )
            }
        }
    };
}

pub(crate) use {keyword, record};
