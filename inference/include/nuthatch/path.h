#pragma once
/// A file or folder name. Takes text and std::filesystem::path, whose header costs more than a model.
#include <string>
#include <utility>

namespace nuthatch {

class Path {
 public:
  Path() = default;
  Path(const char* text) : text_(text) {}
  Path(std::string text) : text_(std::move(text)) {}
  template <class P>
    requires requires(const P& p) { p.lexically_normal().string(); }
  Path(const P& path) : text_(path.string()) {}

  template <class P>
    requires requires(const P& p) { p.lexically_normal(); }
  operator P() const {
    return P(text_);
  }

  const std::string& string() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace nuthatch
