"""Lost property at a station: a kind of case that has nothing to do with safety, added without the kernel knowing."""
