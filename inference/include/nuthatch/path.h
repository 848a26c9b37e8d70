#pragma once
/// A file or folder name. Takes text and std::filesystem::path, whose header costs more than a model.
#include <string>
#include <utility>

namespace nuthatch {

class Path {
 public:
  Path();
  Path(const char* text);
  Path(std::string text);
  // Defined in one place: options hold paths, and every model file would compile this.
  Path(const Path&);
  Path(Path&&) noexcept;
  Path& operator=(const Path&);
  Path& operator=(Path&&) noexcept;
  ~Path();
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
