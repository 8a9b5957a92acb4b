package main

// text is the codec of requests and responses that are a string's bytes, so that no code is generated.
type text struct{}

func (text) Marshal(v any) ([]byte, error) {
	return []byte(*v.(*string)), nil
}

func (text) Unmarshal(data []byte, v any) error {
	*v.(*string) = string(data)
	return nil
}

// Name goes into the content type, where every server knows this one.
func (text) Name() string {
	return "proto"
}
