#include "passes/advice/notes.h"

#include <algorithm>

namespace nuthatch::passes {

static thread_local Notes* listener = nullptr;

Notes::Notes() : before(listener) { listener = this; }
Notes::~Notes() { listener = before; }

bool Notes::wanted() { return listener != nullptr; }

void Notes::add(std::string line) {
  if (!listener || std::find(listener->lines.begin(), listener->lines.end(), line) != listener->lines.end()) return;
  listener->lines.push_back(std::move(line));
}

}  // namespace nuthatch::passes
